import { severities, type Alert, type Severity } from '../api/alerts';
import { asArray, asNumber, asObject, asText } from '../api/read';
import { customerName } from '../customers/name';
import type { Texts } from '../i18n/en';
import type { DeskState } from './store';
import { deskViews, isIn, valueAtRisk, type DeskViewName } from './views';
import { alertTitle } from './words';

/** What narrows a view. Null and empty take everything. */
export interface AlertFilter {
  readonly kind: string | null;
  /** At least so severe. */
  readonly severity: Severity | null;
  readonly tier: string | null;
  /** At least so much at stake, in the currency of the program. */
  readonly valueMin: number | null;
  /** In the title, or in what the customer is called. */
  readonly text: string;
}

/** A filter that an agent has kept, with the view it narrows. */
export interface SavedFilter {
  readonly name: string;
  readonly view: DeskViewName;
  readonly filter: AlertFilter;
}

/** More would not be read any more; each costs a look at every alert whenever one changes. */
export const savedMax = 12;

export const nameMax = 40;

export const noFilter: AlertFilter = { kind: null, severity: null, tier: null, valueMin: null, text: '' };

export function isNone(filter: AlertFilter): boolean {
  return isSame(filter, noFilter);
}

export function isSame(a: AlertFilter, b: AlertFilter): boolean {
  return a.kind === b.kind && a.severity === b.severity && a.tier === b.tier && a.valueMin === b.valueMin && a.text === b.text;
}

export function matches(texts: Texts, filter: AlertFilter, alert: Alert): boolean {
  return (
    (filter.kind === null || alert.kind === filter.kind) &&
    (filter.severity === null || severities.indexOf(alert.severity) <= severities.indexOf(filter.severity)) &&
    (filter.tier === null || tierOf(alert) === filter.tier) &&
    (filter.valueMin === null || valueAtRisk(alert) >= filter.valueMin) &&
    (filter.text === '' || says(texts, alert, filter.text.toLowerCase()))
  );
}

export function tierOf(alert: Alert): string {
  return asText(alert.customer['tier']);
}

/** How many alerts of the desk each of them takes. */
export function countsOfSaved(texts: Texts, desk: DeskState, saved: readonly SavedFilter[], agent: string | null): readonly number[] {
  const alerts = saved.length === 0 ? [] : [...desk.open.values()].map((entry) => entry.alert);
  return saved.map((one) => alerts.reduce((count, alert) => count + (isIn(one.view, alert, agent) && matches(texts, one.filter, alert) ? 1 : 0), 0));
}

/** Reads what `JSON.stringify` wrote; what means nothing is left out. */
export function readSaved(text: string | null): readonly SavedFilter[] {
  return asArray(parse(text ?? '[]'))
    .map((item): SavedFilter | null => {
      const raw = asObject(item);
      const filter = asObject(raw?.['filter']) ?? {};
      const name = asText(raw?.['name']).slice(0, nameMax);
      return name === ''
        ? null
        : {
            name,
            view: deskViews.find((view) => view === raw?.['view']) ?? 'all',
            filter: {
              kind: asText(filter['kind']) || null,
              severity: severities.find((severity) => severity === filter['severity']) ?? null,
              tier: asText(filter['tier']) || null,
              valueMin: asNumber(filter['valueMin']),
              text: asText(filter['text']),
            },
          };
    })
    .filter((one) => one !== null)
    .slice(0, savedMax);
}

function says(texts: Texts, alert: Alert, wanted: string): boolean {
  return [alertTitle(texts, alert), alert.customerId, customerName(alert.customerId, alert.customer)].some((text) => text.toLowerCase().includes(wanted));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
