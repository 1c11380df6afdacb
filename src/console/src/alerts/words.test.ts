import { describe, expect, it } from 'vitest';
import { de } from '../i18n/de';
import { en } from '../i18n/en';
import { alert } from '../testing/alerts';
import { alertTitle, reasonText } from './words';

const silent = alert('a', {
  kind: 'churn_risk',
  title: 'Ada has been silent for 61 days and is about to leave',
  customer: { name: 'Ada' },
  reasons: [
    { code: 'silent_days', text: 'buys every 23 days on average, silent for 61', value: 61 },
    { code: 'usual_gap_days', text: '23.4 days between purchases on average', value: 23.4 },
    { code: 'house_rule', text: 'the house says so', value: null },
  ],
});

function reasonsOf(texts: typeof en): string[] {
  return silent.reasons.map((reason) => reasonText(texts, silent, reason));
}

describe('the words of an alert', () => {
  it('are those of the server in English', () => {
    expect([alertTitle(en, silent), ...reasonsOf(en)]).toEqual([silent.title, ...silent.reasons.map((reason) => reason.text)]);
  });

  it('are German where German is read, but for reasons of the house', () => {
    expect(alertTitle(de, silent)).toBe('Ada hat seit 61 Tagen nichts gekauft und droht abzuwandern');
    expect(reasonsOf(de)).toEqual(['seit 61 Tagen kein Kauf', 'im Mittel 23,4 Tage zwischen zwei Käufen', 'the house says so']);
  });

  it('are those of the server where a number is missing or the kind is not known', () => {
    expect(alertTitle(de, { ...silent, reasons: [] })).toBe(silent.title);
    expect(alertTitle(de, { ...silent, kind: 'toString' })).toBe(silent.title);
  });

  it('tell one from more', () => {
    const ticket = (count: number) => ({ ...silent, kind: 'ticket_unanswered', reasons: [
      { code: 'open_tickets', text: '', value: count },
      { code: 'open_hours', text: '', value: 26.5 },
    ] });
    expect(alertTitle(de, ticket(1))).toBe('Ada wartet seit 26,5 Stunden auf eine Antwort');
    expect(alertTitle(de, ticket(2))).toBe('Ada hat 2 unbeantwortete Anfragen');
  });
});
