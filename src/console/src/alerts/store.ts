import { isFinished, severities, type Alert, type AlertChange, type AlertsChanged, type DeskFeed } from '../api/alerts';

/**
 * What the page knows of one desk, as a fold over what the hub says. Changes carry gapless numbers, so the store always knows
 * whether it has everything: `sequence` is the last change applied, `heard` the highest one it was told of. While they differ
 * something is missing, and the connection asks the hub again.
 */
export interface DeskState {
  /** Null before the first answer. */
  readonly sequence: number | null;
  readonly heard: number | null;
  readonly open: ReadonlyMap<string, AlertEntry>;
  /** The last that were finished, oldest first, so that one that is being read can say how it ended. */
  readonly finished: readonly Alert[];
  /** Unfinished alerts of the desk that a snapshot was too short to carry. */
  readonly beyond: number;
  /** Messages that arrived before the ones they follow. */
  readonly ahead: readonly AlertsChanged[];
}

export interface AlertEntry {
  readonly alert: Alert;
  /** The change that brought it here. */
  readonly sequence: number;
}

export type DeskEvent =
  | { readonly type: 'subscribed'; readonly after: number | null; readonly feed: DeskFeed }
  | { readonly type: 'changed'; readonly message: AlertsChanged }
  /** The answer to a command that was sent when the store stood at `sentAt`. */
  | { readonly type: 'answered'; readonly alert: Alert; readonly sentAt: number };

/** Finished alerts kept in memory: enough for the one on screen and a look back. */
const finishedMax = 50;

/** Early messages kept; with more than this missing, asking the hub is the cheaper way to catch up. */
const aheadMax = 64;

/** Open alerts kept; twenty times a server's snapshot. Beyond it the least pressing are left to the server. */
const openMax = 10_000;

/** With fewer alerts than this on screen and more on the server, it is time for a fresh list; half a snapshot. */
const refillBelow = 250;

export const emptyDesk: DeskState = {
  sequence: null,
  heard: null,
  open: new Map(),
  finished: [],
  beyond: 0,
  ahead: [],
};

export function apply(state: DeskState, event: DeskEvent): DeskState {
  switch (event.type) {
    case 'subscribed':
      return applyFeed(state, event.after, event.feed);
    case 'changed':
      return applyMessage(state, event.message);
    case 'answered':
      return applyAnswer(state, event.alert, event.sentAt);
  }
}

/** Whether a change is known to be missing. */
export function isBehind(state: DeskState): boolean {
  return state.sequence === null || (state.heard !== null && state.heard > state.sequence);
}

/** Whether the list should be fetched anew because most of what a snapshot carried has been worked off. */
export function wantsSnapshot(state: DeskState): boolean {
  return state.beyond > 0 && state.open.size < refillBelow;
}

/** Alerts that came between two states and that nobody has yet; none of the very first list. */
export function arrivals(before: DeskState, now: DeskState): readonly Alert[] {
  const { sequence } = before;
  if (sequence === null || now === before) {
    return [];
  }
  return [...now.open.values()]
    .filter((entry) => entry.sequence > sequence && entry.alert.status === 'open' && !before.open.has(entry.alert.id))
    .map((entry) => entry.alert);
}

export function findAlert(state: DeskState, id: string): Alert | null {
  return state.open.get(id)?.alert ?? state.finished.findLast((alert) => alert.id === id) ?? null;
}

/** Most severe first, then newest; the id decides between equals, so that the order never wavers. */
export function compareAlerts(a: Alert, b: Alert): number {
  return (
    severities.indexOf(a.severity) - severities.indexOf(b.severity) ||
    (b.raisedAt ?? '').localeCompare(a.raisedAt ?? '') ||
    (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  );
}

function applyFeed(state: DeskState, after: number | null, feed: DeskFeed): DeskState {
  if (after !== null && after === state.sequence && feed.sequence < after) {
    // The numbers started anew: another database stands behind the same address. What was heard before means nothing now.
    return snapshot({ ...state, heard: null, ahead: [] }, feed);
  }
  if (after !== null && feed.alerts.length === 0 && (feed.changes.length > 0 || feed.sequence === after)) {
    const from = feed.changes[0] === undefined ? after : feed.changes[0].sequence - 1;
    return applyMessage(state, { desk: feed.desk, from, sequence: feed.sequence, changes: feed.changes });
  }
  if (state.sequence !== null && feed.sequence < state.sequence) {
    // A list that was overtaken by what came after it.
    return state;
  }
  return drain(snapshot(state, feed));
}

function snapshot(state: DeskState, feed: DeskFeed): DeskState {
  const open = new Map<string, AlertEntry>();
  const finished: Alert[] = [];
  for (const alert of feed.alerts) {
    if (isFinished(alert)) {
      finished.push(alert);
    } else {
      open.set(alert.id, { alert, sequence: feed.sequence });
    }
  }
  return {
    ...state,
    sequence: feed.sequence,
    heard: Math.max(state.heard ?? feed.sequence, feed.sequence),
    open,
    finished: [...state.finished, ...finished].slice(-finishedMax),
    beyond: Math.max(0, feed.total - open.size),
  };
}

function applyMessage(state: DeskState, message: AlertsChanged): DeskState {
  const heard = Math.max(state.heard ?? message.sequence, message.sequence);
  if (state.sequence === null || message.from > state.sequence) {
    const ahead = state.ahead.length < aheadMax ? [...state.ahead, message] : state.ahead;
    return { ...state, heard, ahead };
  }
  if (message.sequence <= state.sequence) {
    return state;
  }
  return drain(applyChanges({ ...state, heard }, message.changes, message.sequence));
}

/** Applies the early messages that now follow on. */
function drain(state: DeskState): DeskState {
  let current = state;
  for (;;) {
    const sequence = current.sequence ?? -1;
    const next = current.ahead.find((message) => message.from <= sequence && message.sequence > sequence);
    if (next === undefined) {
      const ahead = current.ahead.filter((message) => message.from > sequence);
      return ahead.length === current.ahead.length ? current : { ...current, ahead };
    }
    current = applyChanges(current, next.changes, next.sequence);
  }
}

function applyChanges(state: DeskState, changes: readonly AlertChange[], sequence: number): DeskState {
  const known = state.sequence ?? -1;
  const heard = Math.max(state.heard ?? sequence, sequence);
  const news = changes.filter((change) => change.sequence > known);
  if (news.length === 0) {
    return { ...state, sequence, heard };
  }
  const open = new Map(state.open);
  let finished = [...state.finished];
  let beyond = state.beyond;
  for (const { alert, sequence: number } of news) {
    finished = finished.filter((other) => other.id !== alert.id);
    if (!isFinished(alert)) {
      open.set(alert.id, { alert, sequence: number });
    } else {
      finished.push(alert);
      if (!open.delete(alert.id)) {
        // One of those the snapshot did not carry.
        beyond = Math.max(0, beyond - 1);
      }
    }
  }
  beyond += trim(open);
  return { ...state, sequence, heard, open, finished: finished.slice(-finishedMax), beyond };
}

/** Leaves out the least pressing beyond the bound and says how many. */
function trim(open: Map<string, AlertEntry>): number {
  if (open.size <= openMax) {
    return 0;
  }
  const last = [...open.values()].sort((a, b) => compareAlerts(a.alert, b.alert)).slice(openMax);
  for (const entry of last) {
    open.delete(entry.alert.id);
  }
  return last.length;
}

function applyAnswer(state: DeskState, alert: Alert, sentAt: number): DeskState {
  const entry = state.open.get(alert.id);
  if (entry === undefined || entry.sequence > sentAt) {
    // Either gone already, or changed since the command was sent: then the stream brings this change too, in its order.
    return state;
  }
  const open = new Map(state.open);
  if (isFinished(alert)) {
    open.delete(alert.id);
    return { ...state, open, finished: [...state.finished, alert].slice(-finishedMax) };
  }
  open.set(alert.id, { alert, sequence: entry.sequence });
  return { ...state, open };
}
