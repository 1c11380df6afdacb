import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en';
import { faultsOf } from './schema';

const schema = {
  type: 'object',
  additionalProperties: false,
  required: ['currency'],
  properties: {
    currency: { type: 'string', pattern: '^[A-Z]{3}$' },
    days: { $ref: '#/$defs/days' },
    mode: { enum: ['a', 'b'] },
    rates: { type: 'object', propertyNames: { pattern: '^[A-Z]+$' }, additionalProperties: { type: 'number', exclusiveMinimum: 0 } },
    tiers: { type: 'array', maxItems: 2, uniqueItems: true, items: { type: 'object', required: ['name'], properties: { name: { type: 'string', minLength: 1 } } } },
    model: {
      oneOf: [
        { type: 'object', required: ['name'], properties: { name: { const: 'x' }, r: { type: 'number' } } },
        { type: 'object', required: ['name'], properties: { name: { const: 'y' } } },
      ],
    },
  },
  $defs: { days: { type: 'integer', minimum: 1, maximum: 30 } },
};
const good = { currency: 'EUR', days: 3, mode: 'a', rates: { USD: 0.9 }, tiers: [{ name: 'gold' }], model: { name: 'y' } };
const faults = (change: object) => faultsOf({ ...good, ...change }, schema, en).map((fault) => `${fault.path}: ${fault.detail}`);

describe('a document', () => {
  it('that keeps to its schema has no faults', () => {
    expect(faults({})).toEqual([]);
  });

  it.each([
    [{ currency: 'euro' }, 'currency: does not have the form ^[A-Z]{3}$'],
    [{ currency: undefined }, 'currency: has to be string'],
    [{ days: 31 }, 'days: may be at most 30'],
    [{ days: 1.5 }, 'days: has to be integer'],
    [{ mode: 'c' }, 'mode: has to be one of "a", "b"'],
    [{ colour: 1 }, 'colour: is not known here'],
    [{ rates: { usd: 1 } }, 'rates.usd: does not have the form ^[A-Z]+$'],
    [{ rates: { USD: 0 } }, 'rates.USD: has to be above 0'],
    [{ tiers: [{ name: 'a' }, {}] }, 'tiers[1].name: is missing'],
    [{ tiers: [{ name: 'a' }, { name: 'a' }] }, 'tiers: names something twice'],
    [{ model: { name: 'x', r: 'much' } }, 'model.r: has to be number'],
    [{ model: 7 }, 'model: fits none of the forms that are allowed here'],
  ])('%j is told by path', (change, fault) => {
    expect(faults(change)).toContain(fault);
  });

  it('names what is missing', () => {
    expect(faultsOf({}, schema, en)).toEqual([{ path: 'currency', detail: 'is missing' }]);
  });

  it('ends however its schema refers to itself', () => {
    expect(faultsOf({ a: 1 }, { $ref: '#' }, en)).toEqual([]);
  });
});
