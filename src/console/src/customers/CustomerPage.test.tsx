import { fireEvent, screen, within } from '@testing-library/react';
import { beforeEach, describe, expect, it } from 'vitest';
import { readTimelineEntry } from '../api/customers';
import { answerApi, type Asked } from '../testing/api';
import { renderPage } from '../testing/render';
import { CustomerPage } from './CustomerPage';
import { phasesIn } from './CustomerPhases';

const profile = {
  id: '17850',
  asOf: '2026-03-01T00:00:00Z',
  identities: ['user:17850', 'anonymous:x'],
  traits: { name: '<b>Ada</b>', email: 'ada@example.org' },
  phase: 'recapture',
  phaseSince: '2026-02-01T00:00:00Z',
  segments: ['vip'],
  owner: 'grace@example.com',
  loyalty: { balance: 1240, available: 1200, pending: 0, held: 40, tier: 'Gold', expiring: [{ points: 30, at: '2026-05-01T00:00:00Z' }] },
  churn: { risk: 0.78, horizonDays: 90, crossesAt: [{ name: 'at_risk', threshold: 0.75, at: '2026-02-01T00:00:00Z' }], reasons: [{ text: 'silent for 75 days' }] },
  value: { orders: 12, revenue: { EUR: 900 }, clv: { amount: 300, currency: 'EUR' } },
  feedback: { csat: 80, nps: 9 },
  consent: { marketing: { email: { granted: true, since: null } } },
  openAlerts: ['3-1-0'],
  nextBestOffer: { offerId: 'ten', title: '10% for you', trigger: 'cart-left', validUntil: '2999-05-01T12:00:00Z' },
};
const curve = {
  items: [
    { at: '2026-01-01T00:00:00Z', risk: 0.2, revenue: { EUR: 500 }, clv: { amount: 900, currency: 'EUR' } },
    { at: '2026-03-01T00:00:00Z', risk: 0.78, revenue: { EUR: 900 }, clv: { amount: 300, currency: 'EUR' } },
  ],
};
const entry = (id: string, time: string, ...outcomes: string[]) => ({ id, type: 'track', event: 'Order Completed', time, payload: { a: '<script>' }, outcomes });
const page = '/v1/customers/user%3A17850';

let asked: Asked[];

beforeEach(() => {
  asked = answerApi({
    [`GET ${page}`]: profile,
    [`GET ${page}/curve`]: curve,
    [`GET ${page}/timeline`]: { items: [entry('3-2', '2026-02-01T00:00:00Z', 'phase recapture', 'alert raised churn_risk', '-5 points')], next: '3-1' },
    [`GET ${page}/timeline?limit=50&before=3-1`]: { items: [entry('3-1', '2026-01-01T00:00:00Z', '+60 points')], next: null },
    [`GET ${page}/ledger`]: {
      items: [{ entry: '3-1', time: '2026-01-01T00:00:00Z', from: 'issued', to: 'available', points: 60, reason: 'earned', key: 'k', balance: 1240 }],
      next: null,
      accounts: { issued: -1240, available: 1240 },
    },
  });
});

describe('CustomerPage', () => {
  it('shows who it is and where the customer stands', async () => {
    renderPage(<CustomerPage id="user:17850" tab="overview" />);
    expect((await screen.findByRole('heading', { level: 1, name: '<b>Ada</b>' })).children).toHaveLength(0);
    for (const text of ['ada@example.org', 'vip', 'Gold', 'grace@example.com', 'silent for 75 days', 'anonymous:x', 'Granted', '30 expire on', '10% for you', 'Triggered by cart-left', 'Good until']) {
      expect(screen.getAllByText(text, { exact: false }).length).toBeGreaterThan(0);
    }
    expect(screen.getByRole('link', { name: '3-1-0' }).getAttribute('href')).toBe('/alerts/3-1-0');
  });

  it('draws risk and value, with the crossing marked and the numbers as a table', async () => {
    renderPage(<CustomerPage id="user:17850" tab="overview" />);
    const charts = await screen.findAllByRole('img', { name: /2026/ });
    expect(charts).toHaveLength(2);
    expect(charts[0]?.querySelectorAll('circle')).toHaveLength(1);
    expect(charts[0]?.textContent).toContain('At risk 75%');
    const rows = within(screen.getAllByRole('table', { hidden: true })[1] as HTMLElement).getAllByRole('row', { hidden: true });
    expect(rows[1]?.textContent).toContain('€500');
    expect(asked.filter(([, path]) => path.includes('/curve'))).toHaveLength(1);
  });

  it('tells the timeline in words and pages back', async () => {
    renderPage(<CustomerPage id="user:17850" tab="timeline" />);
    expect(await screen.findByText('Phase: Recapture')).toBeTruthy();
    expect(screen.getByText('Alert raised: Churn risk')).toBeTruthy();
    expect(screen.getByText('−5 points')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Show more' }));
    expect(await screen.findByText('+60 points')).toBeTruthy();
    expect(screen.queryByRole('button', { name: 'Show more' })).toBeNull();
  });

  it('shows both sides of every movement of points', async () => {
    renderPage(<CustomerPage id="user:17850" tab="ledger" />);
    const table = await screen.findByRole('table');
    expect(within(table).getAllByRole('row')[1]?.textContent).toContain('EarnedIssuedAvailable601,240');
  });

  it('says that nobody is known by an id', async () => {
    renderPage(<CustomerPage id="user:nobody" tab="overview" />);
    expect(await screen.findByText('No profile is known for this customer.')).toBeTruthy();
  });
});

it('Phases follow one another without a gap', () => {
  const stays = phasesIn([
    readTimelineEntry(entry('3', '2026-03-01T00:00:00Z', 'phase recapture')),
    readTimelineEntry(entry('2', '2026-02-01T00:00:00Z', '+1 points')),
    readTimelineEntry(entry('1', '2026-01-01T00:00:00Z', 'phase orientation', 'phase purchase')),
  ]);
  expect(stays.map((stay) => [stay.phase, stay.from, stay.to])).toEqual([
    ['recapture', '2026-03-01T00:00:00Z', null],
    ['purchase', '2026-01-01T00:00:00Z', '2026-03-01T00:00:00Z'],
    ['orientation', '2026-01-01T00:00:00Z', '2026-01-01T00:00:00Z'],
  ]);
});
