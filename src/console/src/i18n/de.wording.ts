import type { Numbers, Wording } from './wording';

const days = (numbers: Numbers, code: string): string => counted(numbers, code, 'Tag', 'Tagen');
const hours = (numbers: Numbers, code: string): string => counted(numbers, code, 'Stunde', 'Stunden', 1);

function counted(numbers: Numbers, code: string, one: string, more: string, digits = 0): string {
  return `${numbers.say(code, digits)} ${numbers.of(code) === 1 ? one : more}`;
}

/** By how many percent one number is below another. */
const less = (numbers: Numbers, now: string, before: string): number => Math.round(100 * (1 - numbers.of(now) / numbers.of(before)));

/** What the server says of alerts, in German. */
export const deWording: Wording = {
  titles: {
    churn_risk: (name, n) => `${name} hat seit ${days(n, 'silent_days')} nichts gekauft und droht abzuwandern`,
    detractor: (name) => `${name} ist unzufrieden`,
    refund_spike: (name, n) => `${name} hatte ${n.say('refunds')} Erstattungen in Folge`,
    payment_failed: (name, n) => (n.of('failed_payments') === 1 ? `${name} konnte nicht bezahlen` : `${name} konnte ${n.say('failed_payments')}-mal nicht bezahlen`),
    cart_abandoned: (name) => `${name} hat einen Warenkorb zurückgelassen`,
    ticket_unanswered: (name, n) =>
      n.of('open_tickets') === 1 ? `${name} wartet seit ${hours(n, 'open_hours')} auf eine Antwort` : `${name} hat ${n.say('open_tickets')} unbeantwortete Anfragen`,
    basket_falling: (name, n) => `${name} kauft für ${less(n, 'average_order', 'average_order_before')} % weniger als früher`,
    frequency_falling: (name, n) => `${name} kauft um ${less(n, 'gap_days_before', 'gap_days')} % seltener als früher`,
    tier_downgrade: (name) => `${name} verliert bald die Stufe`,
    vip_at_risk: (name) => `${name} ist viel wert und droht abzuwandern`,
  },
  reasons: {
    silent_days: (n) => `seit ${days(n, 'silent_days')} kein Kauf`,
    usual_gap_days: (n) => `im Mittel ${n.say('usual_gap_days', 1)} Tage zwischen zwei Käufen`,
    probability_alive: (n) => `noch Kunde mit Wahrscheinlichkeit ${n.say('probability_alive', 2)}`,
    probability_alive_before: () => 'dieselbe Wahrscheinlichkeit einen Monat zuvor',
    risk: () => 'Wahrscheinlichkeit, dass im Vorhersagezeitraum kein Kauf folgt',
    revenue_at_risk: () => 'auf dem Spiel: erwarteter Umsatz der nächsten 12 Monate',
    orders: (n) => counted(n, 'orders', 'Bestellung bisher', 'Bestellungen bisher'),
    nps_score: (n) => `Antwort auf die NPS-Frage: ${n.say('nps_score')}`,
    csat_score: (n) => `Antwort auf die CSAT-Frage: ${n.say('csat_score')}`,
    ces_score: (n) => `Antwort auf die CES-Frage: ${n.say('ces_score')}`,
    review_score: (n) => `Bewertung mit ${counted(n, 'review_score', 'Stern', 'Sternen')}`,
    refunds: (n) => counted(n, 'refunds', 'Erstattung in Folge', 'Erstattungen in Folge'),
    refund_days: (n) => `${counted(n, 'refund_days', 'Tag', 'Tage')} von der ersten bis zur neuesten`,
    failed_payments: (n) => `${counted(n, 'failed_payments', 'fehlgeschlagene Zahlung', 'fehlgeschlagene Zahlungen')}, danach keine Bestellung`,
    cart_idle_hours: (n) => `seit ${hours(n, 'cart_idle_hours')} ist nichts aus dem Warenkorb geworden`,
    open_tickets: (n) => counted(n, 'open_tickets', 'offene Anfrage', 'offene Anfragen'),
    open_hours: (n) => `seit ${hours(n, 'open_hours')} und länger`,
    average_order: () => 'zuletzt je Bestellung',
    average_order_before: () => 'früher je Bestellung',
    gap_days: (n) => `kauft zuletzt alle ${n.say('gap_days', 1)} Tage`,
    gap_days_before: (n) => `früher alle ${n.say('gap_days_before', 1)} Tage`,
  },
};
