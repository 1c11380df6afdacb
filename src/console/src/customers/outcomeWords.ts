import type { Texts } from '../i18n/en';

/** What an outcome says, in the reader's language where the console knows its form; otherwise in the server's words. */
export function outcomeWords(texts: Texts, outcome: string): string {
  const words = texts.timeline;
  const kind = (code: string): string => texts.alerts.kinds[code] ?? code;
  const points = /^([+-]?\d+) points$/.exec(outcome)?.[1];
  if (points !== undefined) {
    return words.points(points.replace('-', '−'));
  }
  const [, head = '', rest = ''] = /^(phase|tier|alert raised|alert withdrawn|alert resolved|segment entered|segment left) (.+)$/.exec(outcome) ?? [];
  switch (head) {
    case 'phase':
      return words.phase(texts.customer.phases[rest] ?? rest);
    case 'tier':
      return rest.includes(' ends ') ? outcome : words.tier(rest);
    case 'alert raised':
      return words.alertRaised(kind(rest));
    case 'alert withdrawn':
      return words.alertWithdrawn(kind(rest));
    case 'alert resolved':
      return words.alertResolved(kind(rest));
    case 'segment entered':
      return words.segmentEntered(rest);
    case 'segment left':
      return words.segmentLeft(rest);
    default:
      return outcome;
  }
}
