import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { alert, changes, pushed } from '../testing/alerts';
import { deskFeed as feed, FakeLink } from '../testing/fakeHub';
import { DeskConnection } from './deskConnection';

const settle = () => vi.advanceTimersByTimeAsync(0);

let links: FakeLink[];
let connection: DeskConnection;
let unauthorized: number;

function connect(...scripted: FakeLink[]): void {
  links = scripted;
  unauthorized = 0;
  let next = 0;
  connection = new DeskConnection({
    desk: 'default',
    connect: () => links[Math.min(next++, links.length - 1)] as FakeLink,
    onUnauthorized: () => (unauthorized += 1),
    chance: () => 1,
  });
  connection.start();
}

const ids = () => [...connection.getView().desk.open.keys()].sort();

beforeEach(() => vi.useFakeTimers());

afterEach(() => {
  connection.stop();
  vi.useRealTimers();
});

describe('DeskConnection', () => {
  it('subscribes and is live', async () => {
    const link = new FakeLink(() => feed(7, { alerts: [alert('a')], total: 1 }));
    connect(link);
    expect(connection.getView().status).toBe('connecting');
    await settle();
    expect(link.asked).toEqual([['Subscribe', 'default', null]]);
    expect(connection.getView().status).toBe('live');
    expect(ids()).toEqual(['a']);
  });

  it('asks for what a gap left out', async () => {
    const link = new FakeLink((_, [, after]) =>
      after === null ? feed(7) : feed(9, { changes: changes(7, alert('a'), alert('b')) }),
    );
    connect(link);
    await settle();
    link.push(pushed(8, alert('b')));
    await settle();
    expect(link.asked.at(-1)).toEqual(['Subscribe', 'default', 7]);
    expect(ids()).toEqual(['a', 'b']);
  });

  it('resumes from its last number after the connection was cut', async () => {
    const first = new FakeLink(() => feed(7, { alerts: [alert('a')], total: 1 }));
    const second = new FakeLink(() => feed(8, { changes: changes(7, alert('b')), total: 2 }));
    connect(first, second);
    await settle();
    first.cut();
    await settle();
    expect(connection.getView().status).toBe('reconnecting');
    expect(ids()).toEqual(['a']);
    await vi.advanceTimersByTimeAsync(500);
    expect(second.asked).toEqual([['Subscribe', 'default', 7]]);
    expect(connection.getView().status).toBe('live');
    expect(ids()).toEqual(['a', 'b']);
  });

  it('keeps trying for ever and calls it offline after a while', async () => {
    const live = new FakeLink(() => feed(7));
    const dead = new FakeLink(() => feed(7), new Error('refused'));
    connect(live, ...Array.from({ length: 400 }, () => dead), new FakeLink((_, [, after]) => feed(8, after === 7 ? { changes: changes(7, alert('a')) } : {})));
    await settle();
    const confirmedAt = connection.getView().confirmedAt;
    live.cut();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(connection.getView().status).toBe('offline');
    expect(connection.getView().confirmedAt).toBe(confirmedAt);
    await vi.advanceTimersByTimeAsync(4_200_000);
    expect(connection.getView().status).toBe('live');
    expect(ids()).toEqual(['a']);
  });

  it('confirms a quiet list, so that a push lost without a successor shows up', async () => {
    const link = new FakeLink((_, [, after]) => (after === null ? feed(7) : feed(8, { changes: changes(7, alert('a')) })));
    connect(link);
    await settle();
    expect(ids()).toEqual([]);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(ids()).toEqual(['a']);
  });

  it('ends with the session', async () => {
    connect(new FakeLink(() => feed(7), new Error("Failed to complete negotiation: Unauthorized: Status code '401'")));
    await settle();
    expect(unauthorized).toBe(1);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(unauthorized).toBe(1);
  });

  it('names who was faster when a claim is refused', async () => {
    let asked = 0;
    const link = new FakeLink((method) => {
      if (method === 'Claim') {
        throw new Error("An unexpected error occurred invoking 'Claim' on the server. HubException: already_claimed by another agent");
      }
      return asked++ === 0
        ? feed(7, { alerts: [alert('a')], total: 1 })
        : feed(8, { changes: changes(7, alert('a', { status: 'claimed', claimedBy: 'grace' })), total: 1 });
    });
    connect(link);
    await settle();
    const result = connection.command('Claim', 'a');
    await settle();
    expect(await result).toMatchObject({ ok: false, code: 'already_claimed' });
    expect(connection.getView().desk.open.get('a')?.alert.claimedBy).toBe('grace');
  });

  it('sends no command while it is not live', async () => {
    connect(new FakeLink(() => feed(7), new Error('refused')));
    await settle();
    expect(await connection.command('Claim', 'a')).toMatchObject({ ok: false, code: 'disconnected' });
  });
});
