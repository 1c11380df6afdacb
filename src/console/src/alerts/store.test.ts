import { describe, expect, it } from 'vitest';
import type { Alert, DeskFeed } from '../api/alerts';
import { alert, changes, pushed } from '../testing/alerts';
import { apply, compareAlerts, emptyDesk, findAlert, isBehind, wantsSnapshot, type DeskState } from './store';

const ids = (state: DeskState) => [...state.open.keys()].sort();
const feed = (sequence: number, fields: Partial<DeskFeed> = {}): DeskFeed => ({
  desk: 'default',
  sequence,
  total: fields.alerts?.length ?? 0,
  alerts: [],
  changes: [],
  ...fields,
});
const snapshotAt = (sequence: number, ...alerts: Alert[]) =>
  apply(emptyDesk, { type: 'subscribed', after: null, feed: feed(sequence, { alerts }) });
const push = (state: DeskState, from: number, ...alerts: Alert[]) =>
  apply(state, { type: 'changed', message: pushed(from, ...alerts) });

describe('snapshot', () => {
  it('fills the list and stands at its number', () => {
    const state = snapshotAt(7, alert('a'), alert('b'));
    expect(ids(state)).toEqual(['a', 'b']);
    expect(state.sequence).toBe(7);
    expect(isBehind(state)).toBe(false);
  });

  it('says how many it could not carry and asks for more once the list runs short', () => {
    const state = apply(emptyDesk, {
      type: 'subscribed',
      after: null,
      feed: feed(7, { alerts: [alert('a')], total: 900 }),
    });
    expect(state.beyond).toBe(899);
    expect(wantsSnapshot(state)).toBe(true);
    expect(wantsSnapshot(snapshotAt(7, alert('a')))).toBe(false);
  });

  it('that is empty empties the list', () => {
    const state = apply(snapshotAt(7, alert('a')), { type: 'subscribed', after: 7, feed: feed(20_000) });
    expect(ids(state)).toEqual([]);
    expect(state.sequence).toBe(20_000);
  });
});

describe('pushed changes', () => {
  it('that follow on are applied', () => {
    const state = push(snapshotAt(7, alert('a')), 7, alert('b'), alert('c'));
    expect(ids(state)).toEqual(['a', 'b', 'c']);
    expect(state.sequence).toBe(9);
  });

  it('that were seen before change nothing', () => {
    const once = push(snapshotAt(7), 7, alert('a', { title: 'first' }));
    const twice = push(once, 7, alert('a', { title: 'again' }));
    expect(twice).toBe(once);
  });

  it('that overlap are applied from the first unknown number', () => {
    const state = push(push(snapshotAt(7), 7, alert('a', { title: 'new' })), 6, alert('x'), alert('a', { title: 'old' }), alert('b'));
    expect(ids(state)).toEqual(['a', 'b']);
    expect(findAlert(state, 'a')?.title).toBe('new');
    expect(state.sequence).toBe(9);
  });

  it('after a gap are held back until the gap is filled', () => {
    const gap = push(snapshotAt(7), 9, alert('c'));
    expect(ids(gap)).toEqual([]);
    expect(isBehind(gap)).toBe(true);

    const filled = apply(gap, {
      type: 'subscribed',
      after: 7,
      feed: feed(9, { changes: changes(7, alert('a'), alert('b')) }),
    });
    expect(ids(filled)).toEqual(['a', 'b', 'c']);
    expect(filled.sequence).toBe(10);
    expect(isBehind(filled)).toBe(false);
    expect(filled.ahead).toEqual([]);
  });

  it('that arrive before the first answer are not lost', () => {
    const early = push(emptyDesk, 7, alert('b'));
    const state = apply(early, { type: 'subscribed', after: null, feed: feed(7, { alerts: [alert('a')] }) });
    expect(ids(state)).toEqual(['a', 'b']);
    expect(state.sequence).toBe(8);
  });

  it('beyond the number held back still leave the store knowing that it is behind', () => {
    let state = snapshotAt(7);
    for (let from = 9; from < 209; from++) {
      state = push(state, from, alert(`n${from}`));
    }
    expect(state.ahead.length).toBeLessThanOrEqual(64);
    const filled = apply(state, { type: 'subscribed', after: 7, feed: feed(9, { changes: changes(7, alert('a'), alert('b')) }) });
    expect(isBehind(filled)).toBe(true);
  });
});

describe('finished alerts', () => {
  it.each(['resolved', 'withdrawn', 'moved'])('that are %s leave the open list and can still be found', (status) => {
    const state = push(snapshotAt(7, alert('a'), alert('b')), 7, alert('a', { status }));
    expect(ids(state)).toEqual(['b']);
    expect(findAlert(state, 'a')?.status).toBe(status);
  });

  it('that are opened again come back', () => {
    const state = push(snapshotAt(7, alert('a')), 7, alert('a', { status: 'resolved' }), alert('a'));
    expect(ids(state)).toEqual(['a']);
    expect(state.finished).toEqual([]);
  });

  it('are kept up to a bound', () => {
    let state = snapshotAt(0);
    for (let number = 0; number < 120; number++) {
      state = push(state, number, alert(`n${number}`, { status: 'resolved' }));
    }
    expect(state.finished).toHaveLength(50);
    expect(state.finished.at(-1)?.id).toBe('n119');
  });

  it('that the snapshot did not carry lower the number beyond it', () => {
    const state = apply(emptyDesk, { type: 'subscribed', after: null, feed: feed(7, { alerts: [alert('a')], total: 3 }) });
    expect(push(state, 7, alert('z', { status: 'resolved' })).beyond).toBe(1);
  });
});

describe('coming back', () => {
  it('resumes by changes', () => {
    const state = apply(snapshotAt(7, alert('a')), {
      type: 'subscribed',
      after: 7,
      feed: feed(9, { changes: changes(7, alert('b'), alert('a', { status: 'withdrawn' })), total: 1 }),
    });
    expect(ids(state)).toEqual(['b']);
    expect(state.sequence).toBe(9);
  });

  it('keeps the list when nothing was missed', () => {
    const state = apply(snapshotAt(7, alert('a')), { type: 'subscribed', after: 7, feed: feed(7, { total: 1 }) });
    expect(ids(state)).toEqual(['a']);
  });

  it('resumes by a snapshot that replaces everything', () => {
    const state = apply(snapshotAt(7, alert('a'), alert('b')), {
      type: 'subscribed',
      after: 7,
      feed: feed(20_000, { alerts: [alert('b'), alert('c')] }),
    });
    expect(ids(state)).toEqual(['b', 'c']);
    expect(state.sequence).toBe(20_000);
  });

  it('to a server whose numbers started anew takes its snapshot and its changes', () => {
    const away = push(snapshotAt(700, alert('old')), 900, alert('lost'));
    const state = apply(away, { type: 'subscribed', after: 700, feed: feed(2, { alerts: [alert('new')] }) });
    expect(ids(state)).toEqual(['new']);
    expect(isBehind(state)).toBe(false);
    expect(ids(push(state, 2, alert('next')))).toEqual(['new', 'next']);
  });

  it('ignores an answer that pushed changes have overtaken', () => {
    const state = push(snapshotAt(7), 7, alert('a'), alert('b'));
    const late = apply(state, { type: 'subscribed', after: 7, feed: feed(8, { changes: changes(7, alert('a', { title: 'old' })) }) });
    expect(ids(late)).toEqual(['a', 'b']);
    expect(findAlert(late, 'a')?.title).toBe('Alert a');
    expect(late.sequence).toBe(9);
  });
});

describe('answers to commands', () => {
  it('show at once', () => {
    const state = apply(snapshotAt(7, alert('a')), {
      type: 'answered',
      sentAt: 7,
      alert: alert('a', { status: 'claimed', claimedBy: 'ada' }),
    });
    expect(findAlert(state, 'a')?.claimedBy).toBe('ada');
    expect(state.sequence).toBe(7);
  });

  it('do not undo what was pushed meanwhile', () => {
    const state = push(snapshotAt(7, alert('a')), 7, alert('a', { status: 'resolved' }));
    const late = apply(state, { type: 'answered', sentAt: 7, alert: alert('a', { status: 'claimed' }) });
    expect(ids(late)).toEqual([]);
  });

  it('that finish an alert take it off the list', () => {
    const state = apply(snapshotAt(7, alert('a')), { type: 'answered', sentAt: 7, alert: alert('a', { status: 'resolved' }) });
    expect(ids(state)).toEqual([]);
    expect(findAlert(state, 'a')?.status).toBe('resolved');
  });
});

it('Alerts are ordered by severity, then the newest first', () => {
  const sorted = [
    alert('1', { severity: 'low' }),
    alert('2', { severity: 'critical', raisedAt: '2026-03-01T09:00:00Z' }),
    alert('3', { severity: 'critical', raisedAt: '2026-03-01T11:00:00Z' }),
    alert('4', { severity: 'high' }),
  ].sort(compareAlerts);
  expect(sorted.map((item) => item.id)).toEqual(['3', '2', '4', '1']);
});
