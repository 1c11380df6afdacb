import type { Fault } from '../api/http';
import { asArray, asNumber, asObject, asText, type Json } from '../api/read';
import type { Texts } from '../i18n/en';
import { formatNumber } from '../i18n/format';

/** Faults named at once; with more of them the document is better begun anew. */
const faultsMax = 50;

/** Schemas within schemas followed at most, so that one that refers to itself ends. */
const depthMax = 60;

/**
 * What a document violates of its JSON Schema, by path. Knows the part of the 2020-12 vocabulary that the server's schemas
 * use; what it does not know it leaves to the server, which validates in earnest.
 */
export function faultsOf(document: unknown, schema: Json, texts: Texts): readonly Fault[] {
  const faults: Fault[] = [];
  new Check(schema, texts, faults).look(document, schema, '', 0);
  return faults.slice(0, faultsMax);
}

class Check {
  private readonly words: Texts['program']['rules'];

  constructor(
    private readonly root: Json,
    private readonly texts: Texts,
    private readonly faults: Fault[],
  ) {
    this.words = texts.program.rules;
  }

  look(value: unknown, schema: unknown, path: string, depth: number): void {
    const rules = asObject(schema);
    if (rules === null || depth > depthMax || this.faults.length >= faultsMax) {
      return;
    }
    const reference = rules['$ref'];
    if (typeof reference === 'string') {
      this.look(value, this.resolve(reference), path, depth + 1);
    }
    for (const part of asArray(rules['allOf'])) {
      this.look(value, part, path, depth + 1);
    }
    this.lookAtForms(value, rules, path, depth);
    const types = [rules['type']].flat().filter((type): type is string => typeof type === 'string');
    if (types.length > 0 && !types.some((type) => isOfType(value, type))) {
      this.say(path, this.words.type(types.join(' / ')));
      return;
    }
    this.lookAtValues(value, rules, path);
    if (typeof value === 'number') {
      this.lookAtNumber(value, rules, path);
    } else if (typeof value === 'string') {
      this.lookAtText(value, rules, path);
    } else if (Array.isArray(value)) {
      this.lookAtItems(value, rules, path, depth);
    } else {
      const object = asObject(value);
      if (object !== null) {
        this.lookAtMembers(object, rules, path, depth);
      }
    }
  }

  /** `oneOf` and `anyOf`: with the faults of the form that comes nearest, as those are the ones to mend. */
  private lookAtForms(value: unknown, rules: Json, path: string, depth: number): void {
    const forms = [...asArray(rules['oneOf']), ...asArray(rules['anyOf'])];
    if (forms.length === 0) {
      return;
    }
    const tries = forms.map((form) => {
      const own: Fault[] = [];
      new Check(this.root, this.texts, own).look(value, form, path, depth + 1);
      return own;
    });
    if (tries.some((own) => own.length === 0)) {
      return;
    }
    // A fault at the value itself says that it is of another form altogether.
    const near = tries.filter((own) => own.every((fault) => fault.path !== path)).sort((a, b) => a.length - b.length)[0];
    if (near === undefined) {
      this.say(path, this.words.noneFits);
    } else {
      this.faults.push(...near);
    }
  }

  private lookAtValues(value: unknown, rules: Json, path: string): void {
    const allowed = 'const' in rules ? [rules['const']] : asArray(rules['enum']);
    const isAllowed = allowed.some((one) => JSON.stringify(one) === JSON.stringify(value));
    if (allowed.length > 0 && !isAllowed) {
      this.say(path, this.words.oneOf(allowed.map((one) => JSON.stringify(one)).join(', ')));
    }
  }

  private lookAtNumber(value: number, rules: Json, path: string): void {
    const limit = (name: string, broken: (limit: number) => boolean, say: (limit: string) => string): void => {
      const number = asNumber(rules[name]);
      if (number !== null && broken(number)) {
        this.say(path, say(formatNumber(this.texts, number, 6)));
      }
    };
    limit('minimum', (number) => value < number, this.words.min);
    limit('maximum', (number) => value > number, this.words.max);
    limit('exclusiveMinimum', (number) => value <= number, this.words.above);
    limit('exclusiveMaximum', (number) => value >= number, this.words.below);
  }

  private lookAtText(value: string, rules: Json, path: string): void {
    const length = [...value].length;
    this.bounds(length, rules, path, 'minLength', 'maxLength', this.words.longer, this.words.shorter);
    const pattern = rules['pattern'];
    if (typeof pattern === 'string' && expression(pattern)?.test(value) === false) {
      this.say(path, this.words.pattern(pattern));
    }
  }

  private lookAtItems(value: readonly unknown[], rules: Json, path: string, depth: number): void {
    this.bounds(value.length, rules, path, 'minItems', 'maxItems', this.words.more, this.words.fewer);
    if (rules['uniqueItems'] === true && new Set(value.map((item) => JSON.stringify(item))).size < value.length) {
      this.say(path, this.words.unique);
    }
    value.forEach((item, index) => this.look(item, rules['items'], `${path}[${index}]`, depth + 1));
  }

  private lookAtMembers(value: Json, rules: Json, path: string, depth: number): void {
    const members = asObject(rules['properties']) ?? {};
    const others = rules['additionalProperties'];
    const names = Object.keys(value);
    this.bounds(names.length, rules, path, 'minProperties', 'maxProperties', this.words.more, this.words.fewer);
    for (const name of asArray(rules['required']).map(asText)) {
      if (!(name in value)) {
        this.say(join(path, name), this.words.missing);
      }
    }
    for (const name of names) {
      const own = join(path, name);
      this.look(name, rules['propertyNames'], own, depth + 1);
      if (Object.hasOwn(members, name)) {
        this.look(value[name], members[name], own, depth + 1);
      } else if (others === false) {
        this.say(own, this.words.unknown);
      } else {
        this.look(value[name], others, own, depth + 1);
      }
    }
  }

  private bounds(
    size: number,
    rules: Json,
    path: string,
    min: string,
    max: string,
    few: (limit: string) => string,
    many: (limit: string) => string,
  ): void {
    const [least, most] = [asNumber(rules[min]), asNumber(rules[max])];
    if (least !== null && size < least) {
      this.say(path, few(String(least)));
    }
    if (most !== null && size > most) {
      this.say(path, many(String(most)));
    }
  }

  private resolve(reference: string): unknown {
    if (!reference.startsWith('#')) {
      return null;
    }
    const steps = reference.slice(1).split('/').filter((step) => step !== '');
    return steps.reduce<unknown>((at, step) => asObject(at)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')], this.root);
  }

  private say(path: string, detail: string): void {
    this.faults.push({ path, detail });
  }
}

function join(path: string, name: string): string {
  return path === '' ? name : `${path}.${name}`;
}

function isOfType(value: unknown, type: string): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return asObject(value) !== null;
    case 'integer':
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

/** Null for a pattern that the browser does not understand; then the server decides alone. */
function expression(pattern: string): RegExp | null {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return null;
  }
}
