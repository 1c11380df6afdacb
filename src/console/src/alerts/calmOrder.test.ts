import { describe, expect, it } from 'vitest';
import { alert, pushed } from '../testing/alerts';
import { calmOrder } from './calmOrder';
import { apply, emptyDesk } from './store';

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

describe('the order on screen', () => {
  const later = apply(start, {
    type: 'changed',
    message: pushed(1, alert('c', { severity: 'critical' }), alert('b', { status: 'resolved' })),
  });

  it('follows severity while nobody is about to click', () => {
    expect(ids(calmOrder(start, null))).toEqual(['b', 'a']);
    expect(ids(calmOrder(later, null))).toEqual(['c', 'a']);
  });

  it('keeps every row in its place under a moving hand', () => {
    const held = calmOrder(later, ['b', 'a']);
    expect(ids(held)).toEqual(['b', 'a']);
    expect(held[0]?.status).toBe('resolved');
  });
});
