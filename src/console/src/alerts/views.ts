import { asNumber } from '../api/read';
import type { Alert } from '../api/alerts';
import { compareAlerts, type DeskState } from './store';

export const deskViews = ['all', 'mine', 'unassigned', 'mentioned'] as const;
export type DeskViewName = (typeof deskViews)[number];

export const deskSorts = ['severity', 'value', 'due'] as const;
export type DeskSort = (typeof deskSorts)[number];

export type ViewCounts = Readonly<Record<DeskViewName, number>>;

/** Mine are those in my hands and those of customers I look after; unassigned those that wait for somebody now; mentioned those in whose notes I am spoken to. */
export function isIn(view: DeskViewName, alert: Alert, agent: string | null): boolean {
  switch (view) {
    case 'all':
      return true;
    case 'mine':
      return agent !== null && (alert.claimedBy ?? alert.owner) === agent;
    case 'unassigned':
      return alert.claimedBy === null && alert.status === 'open';
    case 'mentioned':
      return agent !== null && isMentioned(alert, agent);
  }
}

/** By the whole address, or by the part before its @. */
function isMentioned(alert: Alert, agent: string): boolean {
  if (alert.notes.length === 0) {
    return false;
  }
  const address = agent.toLowerCase();
  const [name] = address.split('@');
  return alert.notes.some((note) => note.mentions.some((said) => said.toLowerCase() === address || said.toLowerCase() === name));
}

export function countsOf(desk: DeskState, agent: string | null): ViewCounts {
  const counts = { all: 0, mine: 0, unassigned: 0, mentioned: 0 };
  for (const { alert } of desk.open.values()) {
    for (const view of deskViews) {
      counts[view] += isIn(view, alert, agent) ? 1 : 0;
    }
  }
  return counts;
}

/** What is at stake, in the currency of the program; 0 where nothing was said. */
export function valueAtRisk(alert: Alert): number {
  return asNumber(alert.reasons.find((reason) => reason.code === 'revenue_at_risk')?.value) ?? 0;
}

const comparers: Readonly<Record<DeskSort, (a: Alert, b: Alert) => number>> = {
  severity: compareAlerts,
  value: (a, b) => valueAtRisk(b) - valueAtRisk(a) || compareAlerts(a, b),
  due: (a, b) => dueOf(a) - dueOf(b) || compareAlerts(a, b),
};

/** Without a time by which something is due there is no hurry. */
function dueOf(alert: Alert): number {
  return alert.dueAt === null ? Number.MAX_SAFE_INTEGER : Date.parse(alert.dueAt);
}

/** The alerts of a view in their order, of those that are wanted. */
export function listed(
  desk: DeskState,
  view: DeskViewName,
  sort: DeskSort,
  agent: string | null,
  isWanted: (alert: Alert) => boolean = () => true,
): readonly Alert[] {
  return [...desk.open.values()]
    .map((entry) => entry.alert)
    .filter((alert) => isIn(view, alert, agent) && isWanted(alert))
    .sort(comparers[sort]);
}
