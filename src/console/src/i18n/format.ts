import type { Money } from '../api/customers';
import type { Texts } from './en';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** The reader's own region when it speaks the console's language ("en-GB" for "en"), else the language alone. */
export function region(texts: Texts): string {
  return navigator.languages.find((tag) => tag.split('-')[0] === texts.language) ?? texts.language;
}

/** A span in one unit: "40 s", "5 min", "3 h", "12 days". */
export function formatSpan(texts: Texts, milliseconds: number): string {
  const span = Math.abs(milliseconds);
  if (span < minute) {
    return texts.time.seconds(Math.floor(span / second));
  }
  if (span < hour) {
    return texts.time.minutes(Math.floor(span / minute));
  }
  return span < 2 * day ? texts.time.hours(Math.floor(span / hour)) : texts.time.days(Math.floor(span / day));
}

/** An instant as seen from now: "5 min ago", "in 3 h". */
export function formatRelative(texts: Texts, instant: string, now: number): string {
  const span = Date.parse(instant) - now;
  if (Math.abs(span) < 10 * second) {
    return texts.time.now;
  }
  return span < 0 ? texts.time.ago(formatSpan(texts, span)) : texts.time.ahead(formatSpan(texts, span));
}

/** Date and time in the reader's zone, with the zone's name. */
export function formatInstant(texts: Texts, instant: string): string {
  return new Intl.DateTimeFormat(region(texts), {
    dateStyle: 'medium',
    timeStyle: 'long',
  }).format(new Date(instant));
}

/** To the minute, as what ends is told. */
export function formatMinute(texts: Texts, instant: string): string {
  return new Intl.DateTimeFormat(region(texts), { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
}

export function formatDate(texts: Texts, instant: string): string {
  return new Intl.DateTimeFormat(region(texts), { dateStyle: 'medium' }).format(new Date(instant));
}

export function formatTime(texts: Texts, milliseconds: number): string {
  return new Intl.DateTimeFormat(region(texts), { timeStyle: 'medium' }).format(new Date(milliseconds));
}

export function formatNumber(texts: Texts, value: number, digits = 0): string {
  return new Intl.NumberFormat(region(texts), { maximumFractionDigits: digits }).format(value);
}

export function formatPercent(texts: Texts, share: number): string {
  return new Intl.NumberFormat(region(texts), { style: 'percent', maximumFractionDigits: 0 }).format(share);
}

export function formatMoney(texts: Texts, money: Money): string {
  if (/^[A-Za-z]{3}$/.test(money.currency)) {
    return new Intl.NumberFormat(region(texts), { style: 'currency', currency: money.currency }).format(money.amount);
  }
  // Not a currency Intl knows how to write; shops send all sorts of text here.
  return `${formatNumber(texts, money.amount, 2)} ${money.currency}`;
}

/** Money without its small change, for an axis. */
export function formatMoneyRound(texts: Texts, money: Money): string {
  if (/^[A-Za-z]{3}$/.test(money.currency)) {
    return new Intl.NumberFormat(region(texts), { style: 'currency', currency: money.currency, maximumFractionDigits: 0 }).format(money.amount);
  }
  return formatMoney(texts, { ...money, amount: Math.round(money.amount) });
}

/** The number behind a reason: shares as percentages, others with at most two decimals, text as it is. */
export function formatReasonValue(texts: Texts, code: string, value: number | string): string {
  if (typeof value === 'string') {
    return value;
  }
  // What is at risk is money, of which a single unit is no hundred percent.
  const share = /risk|probab|alive|share|rate|threshold/.test(code) && !/revenue|value/.test(code) && value >= 0 && value <= 1;
  return share ? formatPercent(texts, value) : formatNumber(texts, value, 2);
}
