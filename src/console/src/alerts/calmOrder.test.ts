import { describe, expect, it } from 'vitest';
import { alert, pushed } from '../testing/alerts';
import { calmOrder } from './calmOrder';
import { apply, emptyDesk } from './store';
import { countsOf, listed } from './views';

const start = apply(emptyDesk, {
  type: 'subscribed',
  after: null,
  feed: {
    desk: 'default',
    sequence: 1,
    total: 2,
    alerts: [alert('a', { severity: 'low' }), alert('b', { severity: 'high' })],
    changes: [],
  },
});
const ids = (alerts: readonly { id: string }[]) => alerts.map((item) => item.id);
const all = (desk: typeof start) => listed(desk, 'all', 'severity', null);

describe('the order on screen', () => {
  const later = apply(start, {
    type: 'changed',
    message: pushed(1, alert('c', { severity: 'critical' }), alert('b', { status: 'resolved' })),
  });

  it('follows severity while nobody is about to click', () => {
    expect(ids(calmOrder(start, all(start), null))).toEqual(['b', 'a']);
    expect(ids(calmOrder(later, all(later), null))).toEqual(['c', 'a']);
  });

  it('keeps every row in its place under a moving hand', () => {
    const held = calmOrder(later, all(later), { order: ['b', 'a'], hand: true });
    expect(ids(held)).toEqual(['b', 'a']);
    expect(held[0]?.status).toBe('resolved');
  });

  it('lets go of what is finished, and of nothing else, while the reader is down the list', () => {
    expect(ids(calmOrder(later, all(later), { order: ['b', 'a'], hand: false }))).toEqual(['a']);
  });
});

describe('views', () => {
  const desk = apply(emptyDesk, {
    type: 'subscribed',
    after: null,
    feed: {
      desk: 'default',
      sequence: 1,
      total: 4,
      alerts: [
        alert('mine', { claimedBy: 'ada', status: 'claimed', dueAt: '2026-03-01T12:00:00Z' }),
        alert('hers', { claimedBy: 'grace', status: 'claimed', severity: 'low', reasons: [{ code: 'revenue_at_risk', value: 900 }] }),
        alert('owned', { owner: 'ada', dueAt: '2026-03-01T11:00:00Z' }),
        alert('free', { severity: 'critical', reasons: [{ code: 'revenue_at_risk', value: 20 }] }),
      ],
      changes: [],
    },
  });

  it('count what is mine, what waits, and everything', () => {
    expect(countsOf(desk, 'ada')).toEqual({ all: 4, mine: 2, unassigned: 2, mentioned: 0 });
  });

  it.each([['Ada@Shop.example'], ['ada']])('list what an agent is spoken to in, as %s', (name) => {
    const spoken = apply(desk, { type: 'changed', message: pushed(1, alert('asked', { notes: [{ text: `@${name}?`, mentions: [name] }] })) });
    expect(ids(listed(spoken, 'mentioned', 'severity', 'ada@shop.example'))).toEqual(['asked']);
    expect(countsOf(spoken, 'grace@shop.example').mentioned).toBe(0);
  });
  it('of an agent whose name is not known are never mine', () => {
    expect(countsOf(desk, null).mine).toBe(0);
  });

  it.each([
    ['severity', ['free', 'mine', 'owned', 'hers']],
    ['value', ['hers', 'free', 'mine', 'owned']],
    ['due', ['owned', 'mine', 'free', 'hers']],
  ] as const)('are sorted by %s', (sort, order) => {
    expect(ids(listed(desk, 'all', sort, 'ada'))).toEqual(order);
  });
});
