import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en';
import { alert } from '../testing/alerts';
import { countsOfSaved, matches, noFilter, readSaved } from './filters';
import { apply, emptyDesk } from './store';

const ada = alert('a', {
  kind: 'churn_risk',
  severity: 'high',
  customer: { name: 'Ada Lovelace', tier: 'gold' },
  reasons: [{ code: 'revenue_at_risk', value: 900 }],
});

describe('a filter', () => {
  it.each([
    [{}, true],
    [{ kind: 'churn_risk' }, true],
    [{ kind: 'detractor' }, false],
    [{ severity: 'medium' }, true],
    [{ severity: 'critical' }, false],
    [{ tier: 'gold' }, true],
    [{ tier: 'silver' }, false],
    [{ valueMin: 900 }, true],
    [{ valueMin: 900.01 }, false],
    [{ text: 'LOVE' }, true],
    [{ text: '17850' }, true],
    [{ text: 'grace' }, false],
  ] as const)('%o takes it: %s', (fields, taken) => {
    expect(matches(en, { ...noFilter, ...fields }, ada)).toBe(taken);
  });
});

describe('saved filters', () => {
  const rich = { name: 'Rich', view: 'mine', filter: { ...noFilter, valueMin: 500 } } as const;

  it('count what they take of their view', () => {
    const desk = apply(emptyDesk, {
      type: 'subscribed',
      after: null,
      feed: { desk: 'default', sequence: 1, total: 2, alerts: [ada, alert('b', { claimedBy: 'ada', status: 'claimed', reasons: ada.reasons })], changes: [] },
    });
    expect(countsOfSaved(en, desk, [rich, { ...rich, view: 'all' }], 'ada')).toEqual([1, 2]);
  });

  it('come back as they were kept', () => {
    expect(readSaved(JSON.stringify([rich]))).toEqual([rich]);
  });

  it.each([[null], ['no json'], ['{}'], ['[1,{"name":""}]']])('that cannot be read (%s) are none', (text) => {
    expect(readSaved(text)).toEqual([]);
  });
});
