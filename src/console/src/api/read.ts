/**
 * Reading what came over the wire. The console shows whatever a shop's systems once sent, so nothing is trusted to have the
 * shape it should: a field of the wrong type becomes text or is left out, and never breaks the page.
 */

export type Json = Record<string, unknown>;

export function asObject(value: unknown): Json | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
}

/** What should be a `T` of the API, and may be anything: its fields can be asked for by their names, and by no others. */
export type Wire<T> = { readonly [Name in keyof T]?: unknown };

export function asWire<T>(value: unknown): Wire<T> | null {
  return asObject(value) as Wire<T> | null;
}

export function asArray(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function asNumber(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** Text for a person: strings and numbers as they are, objects by the field that names them. Empty when there is nothing. */
export function asText(value: unknown): string {
  if (typeof value === 'string') {
    return value;
  }
  if (typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  const object = asObject(value);
  if (object === null) {
    return Array.isArray(value) ? value.map(asText).filter((text) => text !== '').join(', ') : '';
  }
  for (const field of ['text', 'title', 'name', 'label', 'email', 'code', 'id']) {
    const text = object[field];
    if (typeof text === 'string' && text !== '') {
      return text;
    }
  }
  return JSON.stringify(object);
}

/** Text, or null when there is none. */
export function asTextOrNull(value: unknown): string | null {
  const text = asText(value);
  return text === '' ? null : text;
}

/** An instant as ISO-8601 text, or null when it is no date. */
export function asInstant(value: unknown): string | null {
  return typeof value === 'string' && !Number.isNaN(Date.parse(value)) ? value : null;
}
