import { describe, expect, it } from 'vitest';
import { en } from './en';
import { formatMoney, formatReasonValue, formatRelative, formatSpan } from './format';

const now = Date.parse('2026-03-01T12:00:00Z');

describe('relative times', () => {
  it.each([
    ['2026-03-01T11:59:55Z', 'just now'],
    ['2026-03-01T11:59:20Z', '40 s ago'],
    ['2026-03-01T11:10:00Z', '50 min ago'],
    ['2026-02-28T12:00:00Z', '24 h ago'],
    ['2026-02-20T12:00:00Z', '9 days ago'],
    ['2026-03-01T15:00:00Z', 'in 3 h'],
  ])('%s reads "%s"', (instant, text) => {
    expect(formatRelative(en, instant, now)).toBe(text);
  });

  it('A span is never rounded up', () => {
    expect(formatSpan(en, 119_999)).toBe('1 min');
  });
});

describe('numbers', () => {
  it('Shares are percentages and other numbers are not', () => {
    expect(formatReasonValue(en, 'churn_risk', 0.78)).toBe('78%');
    expect(formatReasonValue(en, 'days_silent', 84)).toBe('84');
    expect(formatReasonValue(en, 'days_silent', 0.5)).toBe('0.5');
    expect(formatReasonValue(en, 'revenue_at_risk', 0)).toBe('0');
  });

  it('Money in a currency nobody knows is still shown', () => {
    expect(formatMoney(en, { amount: 1234.5, currency: 'loyalty coins' })).toBe('1,234.5 loyalty coins');
    expect(formatMoney(en, { amount: 12, currency: 'EUR' })).toContain('12');
  });
});
