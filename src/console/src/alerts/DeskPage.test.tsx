import { act, fireEvent, screen, waitFor, within } from '@testing-library/react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { saveSession } from '../session/storage';
import { alert, changes, pushed } from '../testing/alerts';
import { answerApi } from '../testing/api';
import { deskFeed, FakeLink } from '../testing/fakeHub';
import { renderPage } from '../testing/render';
import { Workplace } from '../app/Workplace';

const first = alert('a', {
  title: 'Likely to leave',
  reasons: [{ code: 'churn_risk', text: 'Risk of no purchase', value: 0.78 }],
  evidence: ['3-17', '3-99'],
  suggestedActions: ['Call today'],
  customer: { name: 'Ada' },
});
const second = alert('b', { severity: 'critical', title: 'VIP at risk' });
const profile = { id: '17850', phase: 'recapture', churn: { risk: 0.78 }, loyalty: { balance: 1240 }, value: { orders: 12 } };
const timeline = { items: [{ id: '3-17', type: 'track', event: 'Order Completed', time: '2026-01-01T00:00:00Z' }], next: null };

let paths: string[];

beforeEach(() => {
  paths = [];
  saveSession({ accessToken: 't', expiresAt: Date.now() + 3_600_000, role: 'agent', agent: null });
  vi.spyOn(window, 'fetch').mockImplementation((path) => {
    paths.push(String(path));
    return Promise.resolve(Response.json(String(path).includes('/timeline') ? timeline : profile));
  });
});

function show(link: FakeLink): void {
  renderPage(<Workplace desk="default" token="t" connect={() => link} />);
}

const here = { agents: [{ agent: 'grace@example.com', state: 'busy' }] };
const snapshot = () => deskFeed(7, { alerts: [first, second], total: 2 });
const list = () => within(screen.getByRole('listbox', { name: 'Open alerts' }));
const rows = () => list().getAllByRole('option').map((row) => row.textContent ?? '');
const press = (key: string) => fireEvent.keyDown(document.body, { key });

describe('DeskPage', () => {
  it('lists the open alerts, the most severe first', async () => {
    show(new FakeLink(snapshot));
    await waitFor(() => expect(rows()).toHaveLength(2));
    expect(rows()[0]).toContain('VIP at risk');
    expect(screen.getByText('2 open alerts')).toBeTruthy();
    expect(screen.getByText('Live')).toBeTruthy();
  });

  it('shows an alert that is pushed without moving the selection', async () => {
    const link = new FakeLink(snapshot);
    show(link);
    await waitFor(() => expect(rows()).toHaveLength(2));
    press('j');
    act(() => link.push(pushed(7, alert('c', { severity: 'critical', title: 'Newest', raisedAt: '2026-03-02T10:00:00Z' }))));
    expect(rows()).toHaveLength(3);
    expect(rows()[0]).toContain('Newest');
    expect(list().getByRole('option', { selected: true }).textContent).toContain('VIP at risk');
  });

  it('opens an alert to its reasons, its entries and the profile', async () => {
    show(new FakeLink(snapshot));
    fireEvent.click(await screen.findByText('Likely to leave'));
    expect(screen.getByText('Risk of no purchase')).toBeTruthy();
    expect(screen.getByText('78%')).toBeTruthy();
    expect(screen.getByText('Call today')).toBeTruthy();
    expect(await screen.findByText('Order Completed')).toBeTruthy();
    const missing = screen.getByText('Entry 3-99').closest('li');
    expect(within(missing as HTMLElement).getByText(/not among the newest/i)).toBeTruthy();
    expect(await screen.findByText('1,240')).toBeTruthy();
    expect(paths).toContain('/v1/customers/user%3A17850');
    expect(paths).toContain('/v1/customers/user%3A17850/timeline?limit=200');
  });

  it('claims with a key and shows it once the server has said so', async () => {
    let answer: (alert: unknown) => void = () => undefined;
    const link = new FakeLink((method) => (method === 'Claim' ? new Promise((resolve) => (answer = resolve)) : snapshot()));
    show(link);
    await waitFor(() => expect(rows()).toHaveLength(2));
    press('j');
    press('c');
    await waitFor(() => expect(link.asked.at(-1)).toEqual(['Claim', 'b']));
    expect(rows()[0]).toContain('Open');
    await act(async () => {
      answer({ ...second, status: 'claimed', claimedBy: 'ada@example.com' });
      await Promise.resolve();
    });
    await waitFor(() => expect(rows()[0]).toContain('Yours'));
  });

  it('names who was faster', async () => {
    let asked = 0;
    const link = new FakeLink((method) => {
      if (method === 'Claim') {
        throw new Error("An unexpected error occurred invoking 'Claim' on the server. HubException: already_claimed");
      }
      const taken = { ...second, status: 'claimed', claimedBy: 'Grace' };
      return asked++ === 0 ? snapshot() : deskFeed(8, { changes: changes(7, taken as typeof second), total: 2 });
    });
    show(link);
    await waitFor(() => expect(rows()).toHaveLength(2));
    press('j');
    press('c');
    expect(await screen.findByText('Grace has claimed this alert already.')).toBeTruthy();
  });

  it('resolves with an outcome and a note', async () => {
    const link = new FakeLink((method) => (method === 'Resolve' ? { ...second, status: 'resolved' } : snapshot()));
    show(link);
    await waitFor(() => expect(rows()).toHaveLength(2));
    press('j');
    press('r');
    fireEvent.click(await screen.findByLabelText('Made an offer'));
    fireEvent.change(screen.getByLabelText('Note'), { target: { value: ' Called back ' } });
    fireEvent.click(screen.getByRole('button', { name: 'Resolve' }));
    await waitFor(() => expect(link.asked.at(-1)).toEqual(['Resolve', 'b', 'offer_made', 'Called back']));
    await waitFor(() => expect(rows()).toHaveLength(1));
    expect(screen.getByText(/no longer open/)).toBeTruthy();
    press('j');
    expect(list().getByRole('option', { selected: true }).textContent).toContain('Likely to leave');
  });

  it('puts an alert aside and takes notes', async () => {
    const link = new FakeLink((method, args) =>
      method === 'Snooze'
        ? { ...second, status: 'snoozed', snoozedUntil: args[1] }
        : method === 'AddNote'
          ? { ...second, notes: [{ text: args[1], by: 'ada', at: '2026-03-01T10:00:00Z' }] }
          : snapshot(),
    );
    show(link);
    await waitFor(() => expect(rows()).toHaveLength(2));
    press('j');
    press('n');
    const field = screen.getByLabelText('New note');
    expect(document.activeElement).toBe(field);
    fireEvent.change(field, { target: { value: ' <i>Call</i> at noon ' } });
    fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
    expect(await screen.findByText('<i>Call</i> at noon')).toBeTruthy();
    expect(link.asked.at(-1)).toEqual(['AddNote', 'b', '<i>Call</i> at noon']);
    press('s');
    fireEvent.click(await screen.findByText('For 1 hour'));
    await waitFor(() => expect(screen.getByText(/Comes back/)).toBeTruthy());
    expect(link.asked.at(-1)?.slice(0, 2)).toEqual(['Snooze', 'b']);
  });

  it('gives an alert to a colleague who is there', async () => {
    const link = new FakeLink((method, args) =>
      method === 'Presence' ? here : method === 'Assign' ? { ...second, status: 'claimed', claimedBy: args[1] } : snapshot(),
    );
    show(link);
    await waitFor(() => expect(rows()).toHaveLength(2));
    press('j');
    press('a');
    fireEvent.click(await screen.findByRole('menuitem', { name: 'grace@example.com' }));
    expect(await screen.findAllByText('Claimed by grace@example.com')).not.toHaveLength(0);
    expect(link.asked.at(-1)).toEqual(['Assign', 'b', 'grace@example.com']);
  });

  it('completes the name of a colleague who is there', async () => {
    show(new FakeLink((method) => (method === 'Presence' ? here : snapshot())));
    await waitFor(() => expect(rows()).toHaveLength(2));
    press('j');
    const field = screen.getByLabelText<HTMLTextAreaElement>('New note');
    fireEvent.change(field, { target: { value: 'ask @gr' } });
    expect(await screen.findByRole('option', { name: 'grace@example.com' })).toBeTruthy();
    fireEvent.keyDown(field, { key: 'Enter', code: 'Enter' });
    expect(field.value).toBe('ask @grace ');
    fireEvent.change(field, { target: { value: 'ask @nobody' } });
    expect(screen.queryByRole('option', { name: 'grace@example.com' })).toBeNull();
  });

  it('narrows the list, and keeps what narrows it with a count that lives', async () => {
    const link = new FakeLink(snapshot);
    show(link);
    await waitFor(() => expect(rows()).toHaveLength(2));
    press('f');
    const field = screen.getByLabelText('Title or customer contains');
    expect(document.activeElement).toBe(field);
    fireEvent.change(field, { target: { value: 'vip' } });
    expect(rows()).toHaveLength(1);
    fireEvent.change(screen.getByLabelText('Name to keep it under'), { target: { value: 'Important' } });
    fireEvent.click(screen.getByRole('button', { name: 'Keep' }));
    fireEvent.click(screen.getByRole('button', { name: 'Clear' }));
    expect(rows()).toHaveLength(2);
    act(() => link.push(pushed(7, alert('c', { title: 'Another VIP' }))));
    const kept = screen.getByRole('button', { name: /^Important/ });
    expect(kept.textContent).toBe('Important2');
    fireEvent.click(kept);
    expect(rows()).toHaveLength(2);
    expect(kept.getAttribute('aria-pressed')).toBe('true');
    fireEvent.click(screen.getByRole('button', { name: 'Remove Important' }));
    expect(screen.queryByRole('button', { name: /^Important/ })).toBeNull();
  });

  it('gives one command to all that are marked, and keeps those marked that refused', async () => {
    const asked = answerApi({ 'POST /v1/alerts/bulk': { items: [{ id: 'b', code: 'already_claimed' }, { id: 'a', code: null }] } }, 'agent');
    show(new FakeLink(snapshot));
    await waitFor(() => expect(rows()).toHaveLength(2));
    press('j');
    press('x');
    fireEvent.click(screen.getByRole('button', { name: 'Mark all' }));
    const bar = within(screen.getByRole('group', { name: 'Marked alerts' }));
    expect(bar.getByText('2 marked')).toBeTruthy();
    fireEvent.click(bar.getByRole('button', { name: 'Claim' }));
    expect(await bar.findByText('Done for 1, not for 1: a colleague has it.')).toBeTruthy();
    expect(asked.filter(([method]) => method === 'POST')).toEqual([['POST', '/v1/alerts/bulk', { action: 'claim', alerts: ['b', 'a'] }]]);
    expect(list().getAllByRole('option', { checked: true }).map((row) => row.id)).toEqual(['alert-b']);
  });

  it('gives all that are marked to a colleague', async () => {
    const asked = answerApi({ 'POST /v1/alerts/bulk': { items: [{ id: 'b', code: null }] } }, 'agent');
    show(new FakeLink((method) => (method === 'Presence' ? here : snapshot())));
    await waitFor(() => expect(rows()).toHaveLength(2));
    press('j');
    press('x');
    const bar = within(screen.getByRole('group', { name: 'Marked alerts' }));
    fireEvent.click(bar.getByRole('button', { name: 'Give to' }));
    fireEvent.click(await screen.findByRole('menuitem', { name: 'grace@example.com' }));
    expect(await bar.findByText('Done for 1 alert.')).toBeTruthy();
    expect(asked.filter(([method]) => method === 'POST')).toEqual([['POST', '/v1/alerts/bulk', { action: 'assign', agent: 'grace@example.com', alerts: ['b'] }]]);
  });

  it('says who else looks at the alert, and is seen as the agent wants', async () => {
    const link = new FakeLink((method, args) =>
      method === 'Looking' ? { alert: args[0], agents: args[0] === null ? [] : ['grace@example.com'] } : snapshot(),
    );
    show(link);
    await waitFor(() => expect(rows()).toHaveLength(2));
    press('j');
    expect(await screen.findByText('grace@example.com is looking at this too.')).toBeTruthy();
    act(() => link.send('LookersChanged', { alert: 'b', agents: [] }));
    expect(screen.queryByText(/is looking at this/)).toBeNull();
    fireEvent.click(screen.getByRole('button', { name: 'You are seen as: Online' }));
    fireEvent.click(await screen.findByRole('menuitemradio', { name: 'Busy' }));
    expect(link.asked.at(-1)).toEqual(['SetPresence', 'busy']);
  });

  it('says how the alert in hand ended', async () => {
    const link = new FakeLink(snapshot);
    show(link);
    fireEvent.click(await screen.findByText('Likely to leave'));
    act(() => link.push(pushed(7, { ...first, status: 'withdrawn' })));
    expect(rows()).toHaveLength(1);
    expect(screen.getByText(/its cause is gone/i)).toBeTruthy();
    expect(screen.queryByRole('button', { name: /claim/i })).toBeNull();
  });

  it('shows text from a shop as text, whatever its shape', async () => {
    const odd = { id: 'x', title: '<img src=x onerror=alert(1)>', customer: { name: { a: 1 } }, reasons: [null, 7, { text: ['<b>'] }], evidence: 'none' };
    show(new FakeLink(() => deskFeed(7, { alerts: [odd], total: 1 })));
    await waitFor(() => expect(rows()).toHaveLength(1));
    fireEvent.click(list().getByRole('option'));
    expect(screen.getByRole('heading', { level: 1 }).textContent).toBe('<img src=x onerror=alert(1)>');
    expect(document.querySelector('img')).toBeNull();
    expect(screen.getByText('<b>')).toBeTruthy();
  });

  it('puts no style element into the page, which the content policy would refuse', async () => {
    show(new FakeLink(snapshot));
    await waitFor(() => expect(rows()).toHaveLength(2));
    press('j');
    press('r');
    await screen.findByRole('dialog');
    expect(document.querySelectorAll('style')).toHaveLength(0);
  });
});
