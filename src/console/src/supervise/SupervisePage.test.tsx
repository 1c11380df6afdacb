import { screen, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { answerApi } from '../testing/api';
import { renderPage } from '../testing/render';
import { SupervisePage } from './SupervisePage';

const span = (p50: number | null, p90: number | null) => ({ count: 4, p50, p90 });
const tally = {
  resolved: 4,
  withdrawn: 2,
  sla: { met: 3, missed: 1, share: 0.75 },
  timeToClaim: span(90, 600),
  timeToResolve: span(7_200, null),
  outcomes: { no_action: 1, offer_made: 3 },
};
const report = { asOf: '2026-03-01T10:00:00Z', total: tally, kinds: [{ kind: 'churn_risk', tally }], agents: [{ agent: 'ada@shop.example', tally }] };
const load = {
  asOf: '2026-03-01T10:00:00Z',
  open: 1_207,
  unassigned: 3,
  snoozed: 1,
  dueWithinHour: 2,
  breached: 5,
  oldestAt: null,
  resolvedToday: 9,
  agents: [{ agent: 'ada@shop.example', presence: 'busy', capacity: 5, inTurn: true, claimed: 4, notActedOn: 1, snoozed: 0, breached: 2, oldestAt: null, resolvedToday: 6 }],
};
const group = { customers: 200, running: 10, returned: 50, returnRate: { value: 0.25, low: 0.2, high: 0.31 }, revenue: 900, revenuePerCustomer: 4.5 };
const uplift = {
  controlGroup: { share: 0.1, salt: 's' },
  horizonDays: 90,
  confidence: 0.95,
  treated: group,
  control: { ...group, customers: 20 },
  uplift: { returnRate: { value: 0.06, low: 0.01, high: 0.11 }, revenue: null, currency: 'EUR' },
};
const answers = { 'GET /v1/desks/default/load': load, 'GET /v1/metrics/desk': report, 'GET /v1/metrics/uplift': uplift };
const row = async (table: string, name: string) =>
  within(within(await screen.findByRole('table', { name: table })).getByRole('rowheader', { name }).closest('tr') as HTMLElement)
    .getAllByRole('cell')
    .map((cell) => cell.textContent);

it('What lies on the desk, how alerts were dealt with and what telling does are shown', async () => {
  answerApi(answers, 'supervisor');
  renderPage(<SupervisePage />);
  expect(await screen.findByText('1,207')).toBeTruthy();
  expect(await row('Agents', 'ada@shop.example')).toEqual(['Busy', '4 of 5', '1', '0', '2', '–', '6']);
  expect(await row('By kind', 'Churn risk')).toEqual(['4', '2', '75%', '1', '1 min', '2 h']);
  expect(await row('Outcomes', 'Made an offer')).toEqual(['3', '75%']);
  expect(await row('Does telling agents help?', 'Difference')).toEqual(['', '', '', '6% (1% to 11%)', '–']);
  expect(screen.getByText('Nine of ten within 10 min')).toBeTruthy();
});

it('Without a control group the page says how to get one', async () => {
  answerApi({ ...answers, 'GET /v1/metrics/uplift': { ...uplift, controlGroup: { share: 0, salt: '' } } }, 'supervisor');
  renderPage(<SupervisePage />);
  expect(await screen.findByText(/There is no control group/)).toBeTruthy();
});

it('What cannot be loaded does not take the rest with it', async () => {
  answerApi({ 'GET /v1/metrics/desk': report }, 'supervisor');
  renderPage(<SupervisePage />);
  expect(await row('By agent', 'ada@shop.example')).toHaveLength(6);
  expect(await screen.findAllByRole('button', { name: 'Try again' })).toHaveLength(2);
});
