import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { answerApi } from '../testing/api';
import { renderPage } from '../testing/render';
import { NumbersPage, startOf } from './NumbersPage';

const answers = {
  'GET /v1/metrics/summary': { customers: 1323, retention: 0.4, churn: 0.6, csat: 80, nps: 12.5, cltv: { amount: 615.78, currency: 'EUR' }, pointsLiability: 500441, phases: { loyalty: 1, lost: 3 } },
  'GET /v1/metrics/cohorts': { items: [{ cohort: '2026-01', customers: 4, active: [4, 1], retention: [1, 0.25] }, { cohort: '2026-02', customers: 2, active: [2], retention: [1] }] },
};

it('The numbers of the shop, its phases and its cohorts are shown', async () => {
  answerApi(answers, 'agent');
  renderPage(<NumbersPage />);
  for (const text of ['1,323', '40%', '80%', '12.5', '€615.78', '500,441', 'Jan 2026']) {
    expect((await screen.findAllByText(text)).length).toBeGreaterThan(0);
  }
  const cohorts = within(screen.getAllByRole('table')[1] as HTMLElement).getAllByRole('row');
  expect(cohorts[1]?.textContent).toBe('Jan 20264100%25%');
});

it('Another period is asked for by its first month', async () => {
  const asked = answerApi(answers);
  renderPage(<NumbersPage />);
  fireEvent.change(await screen.findByLabelText('Period'), { target: { value: 'month' } });
  await waitFor(() => expect(asked.at(-1)?.[1]).toMatch(/from=\d{4}-\d{2}-01T00%3A00/));
});

it('A period begins with a month', () => {
  const now = new Date('2026-02-15T12:00:00Z');
  expect(startOf('all', now)).toBeNull();
  expect(startOf('quarter', now)?.toISOString()).toBe('2025-12-01T00:00:00.000Z');
});
