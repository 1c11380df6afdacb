/** As much of an OpenAPI 3.1 document as the page shows. It comes from the page's own server. */
export interface ApiDocument {
  readonly info: { readonly title: string; readonly description?: string };
  readonly tags: readonly { readonly name: string; readonly description?: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, RawOperation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface RawOperation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security?: readonly unknown[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Record<string, MediaType> };
  readonly responses: Readonly<Record<string, Response>>;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

export interface MediaType {
  readonly schema: Schema;
  readonly examples?: Record<string, { readonly value: unknown }>;
}

export interface Response {
  readonly description: string;
  readonly content?: Record<string, MediaType>;
}

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly description?: string;
  readonly items?: Schema;
  readonly properties?: Record<string, Schema>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface Operation {
  readonly id: string;
  readonly tag: string;
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly description: string;
  /** Whether it can be asked without any key. */
  readonly isOpen: boolean;
  readonly parameters: readonly Parameter[];
  readonly body: MediaType | null;
  readonly responses: readonly { readonly status: string; readonly response: Response }[];
}

/** Follows references until something stands there. */
export function resolve<T extends object>(document: ApiDocument, part: T): T {
  let found: unknown = part;
  while (typeof found === 'object' && found !== null && '$ref' in found && typeof found.$ref === 'string') {
    const [section = '', name = ''] = found.$ref.split('/').slice(-2);
    found = document.components[section]?.[name];
  }
  return found as T;
}

/** Every operation, in the order of the document's tags and paths. */
export function operationsOf(document: ApiDocument): Operation[] {
  const all = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, raw]): Operation => {
      const media = raw.requestBody?.content ?? {};
      return {
        id: raw.operationId,
        tag: raw.tags[0] ?? '',
        method: method.toUpperCase(),
        path,
        summary: raw.summary,
        description: raw.description ?? '',
        isOpen: raw.security !== undefined && raw.security.length === 0,
        parameters: (raw.parameters ?? []).map((parameter) => resolve(document, parameter)),
        body: media['application/json'] ?? Object.values(media)[0] ?? null,
        responses: Object.entries(raw.responses).map(([status, response]) => ({ status, response: resolve(document, response) })),
      };
    }),
  );
  const rank = new Map(document.tags.map((tag, index) => [tag.name, index]));
  return all.sort((one, other) => (rank.get(one.tag) ?? rank.size) - (rank.get(other.tag) ?? rank.size));
}

/** A type in few words, such as `string (date-time)` or `array of Alert`. */
export function typeOf(document: ApiDocument, schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    const target = resolve(document, schema);
    return target.properties === undefined ? typeOf(document, target) : name;
  }
  if (schema.enum !== undefined) {
    return schema.enum.map(String).join(' | ');
  }
  if (schema.const !== undefined) {
    return String(schema.const);
  }
  if (schema.type === 'array') {
    return schema.items === undefined ? 'array' : `array of ${typeOf(document, schema.items)}`;
  }
  const type = schema.type === undefined ? 'anything' : [schema.type].flat().join(' | ');
  return schema.format === undefined ? type : `${type} (${schema.format})`;
}

/** Where a request goes: the path with its names filled in, and the query parameters that have a value. */
export function targetOf(operation: Operation, values: Readonly<Record<string, string>>): string {
  const path = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? ''));
  const query = new URLSearchParams();
  for (const parameter of operation.parameters) {
    const value = values[parameter.name] ?? '';
    if (parameter.in === 'query' && value !== '') {
      query.set(parameter.name, value);
    }
  }
  const text = query.toString();
  return text === '' ? path : `${path}?${text}`;
}
