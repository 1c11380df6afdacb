import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { alert } from '../testing/alerts';
import { answerApi } from '../testing/api';
import { deskFeed, FakeLink } from '../testing/fakeHub';
import { renderPage } from '../testing/render';
import { pageAt } from './pages';
import { Workplace } from './Workplace';

const show = () => renderPage(<Workplace desk="default" token="t" connect={() => new FakeLink(() => deskFeed(7, { alerts: [alert('a'), alert('b', { claimedBy: 'x', status: 'claimed' })], total: 2 }))} />);

describe('Workplace', () => {
  it('says in the title how many alerts wait for somebody', async () => {
    answerApi({});
    show();
    await waitFor(() => expect(document.title).toBe('(1) Alerts · OrleansCrm'));
  });

  it('goes to a customer that is found by id', async () => {
    answerApi({ 'GET /v1/customers/17850': { id: '17850', identities: ['user:17850'], traits: { name: 'Ada' }, phase: 'loyalty' }, 'GET /v1/customers?': { items: [], next: null } });
    show();
    fireEvent.keyDown(document.body, { key: 'k', ctrlKey: true });
    const box = await screen.findByRole('combobox', { name: 'Search customers and pages' });
    fireEvent.change(box, { target: { value: '17850' } });
    expect(await screen.findByText('Ada · 17850')).toBeTruthy();
    fireEvent.keyDown(box, { key: 'Enter' });
    expect(window.location.pathname).toBe('/customers/user%3A17850');
  });

  it('shows the alerts of the chosen view alone', async () => {
    answerApi({});
    show();
    await waitFor(() => expect(document.querySelectorAll('#alerts li[role="option"]')).toHaveLength(2));
    fireEvent.click(screen.getByRole('button', { name: /Unassigned/ }));
    expect(document.querySelectorAll('#alerts li[role="option"]')).toHaveLength(1);
  });
});

it('Pages of administrators are not there for others', () => {
  expect(pageAt('/keys', 'admin').name).toBe('keys');
  expect(pageAt('/keys', 'agent').name).toBe('desk');
  expect(pageAt('/customers/x/ledger', 'agent').name).toBe('customers');
  expect(pageAt('/alerts/3-1-0', 'agent').name).toBe('desk');
});
