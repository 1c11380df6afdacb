import type { Alert, AlertReason } from '../api/alerts';
import { customerName } from '../customers/name';
import type { Texts } from '../i18n/en';
import { formatNumber } from '../i18n/format';
import type { Numbers } from '../i18n/wording';

/** The title in the reader's language; the server's own for kinds, and versions of them, that the console does not know. */
export function alertTitle(texts: Texts, alert: Alert): string {
  const words = own(texts.wording.titles, alert.kind);
  const name = customerName(alert.customerId, alert.customer);
  return (words && put(texts, alert, (numbers) => words(name, numbers))) ?? alert.title;
}

/** The reason in the reader's language, else as the server says it. */
export function reasonText(texts: Texts, alert: Alert, reason: AlertReason): string {
  const words = own(texts.wording.reasons, reason.code);
  return (words && put(texts, alert, words)) ?? reason.text;
}

/** Null when a number that is asked for is not there. */
function put(texts: Texts, alert: Alert, words: (numbers: Numbers) => string): string | null {
  let complete = true;
  const of = (code: string): number => {
    const value = alert.reasons.find((reason) => reason.code === code)?.value;
    if (typeof value === 'number') {
      return value;
    }
    complete = false;
    return 0;
  };
  const said = words({ of, say: (code, digits) => formatNumber(texts, of(code), digits) });
  return complete ? said : null;
}

/** Kinds and codes come from programs: one named like a method of every object has no words. */
function own<Words>(words: Readonly<Record<string, Words>>, name: string): Words | undefined {
  return Object.hasOwn(words, name) ? words[name] : undefined;
}
