import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { expect, it } from 'vitest';
import { answerApi } from '../testing/api';
import { renderPage } from '../testing/render';
import { QuarantinePage } from './QuarantinePage';

const item = (id: string, fields: object = {}) => ({ id, code: 'missing_user', detail: 'Nobody is named.', status: 'waiting', receivedAt: '2026-01-01T00:00:00Z', times: 1, complete: true, raw: '<img src=x>', ...fields });

it('An item is shown with its reason, as text, and sent in again', async () => {
  const asked = answerApi({
    'GET /v1/quarantine': { items: [item('7'), item('8', { code: 'too_large', times: 3 })], next: null, kept: 2, dropped: 5 },
    'POST /v1/quarantine/7/replay': item('7', { status: 'replayed' }),
  });
  renderPage(<QuarantinePage />);
  const rows = within(await screen.findByRole('table')).getAllByRole('row');
  expect(rows[1]?.textContent).toContain('Nobody is named.');
  expect(rows[2]?.textContent).toContain('3 times');
  expect(screen.getByText('2 kept, 5 had to make room')).toBeTruthy();
  expect(document.querySelector('main img')).toBeNull();
  fireEvent.click(within(rows[1] as HTMLElement).getByRole('button', { name: 'Send in again' }));
  expect(await screen.findByText('Taken since')).toBeTruthy();
  expect(asked.at(-1)?.[1]).toBe('/v1/quarantine/7/replay');
});

it('All items of a reason are sent in again, page by page', async () => {
  const asked = answerApi({
    'GET /v1/quarantine': { items: [item('7')], next: null, kept: 1, dropped: 0 },
    'POST /v1/quarantine/replay?limit=100&code=missing_user': { replayed: 100, failed: 0, next: '9' },
    'POST /v1/quarantine/replay?limit=100&code=missing_user&after=9': { replayed: 1, failed: 2, next: null },
  });
  renderPage(<QuarantinePage />);
  fireEvent.click(await screen.findByRole('button', { name: 'missing_user' }));
  fireEvent.click(await screen.findByRole('button', { name: 'Send in all of missing_user again' }));
  expect(await screen.findByText('101 taken, 2 refused again.')).toBeTruthy();
  await waitFor(() => expect(asked.at(-1)?.[1]).toBe('/v1/quarantine?limit=50&code=missing_user'));
});
