import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { answerApi } from '../testing/api';
import { renderPage } from '../testing/render';
import { CustomersPage, readFilter, writeFilter } from './CustomersPage';

const found = (id: string) => ({ id, kind: 'user', phase: 'loyalty', tier: 'gold', risk: 0.31, orders: 4, revenue: { amount: 12.5, currency: 'EUR' }, lastSeen: '2026-01-01T00:00:00Z' });

describe('CustomersPage', () => {
  it('lists who was found and goes on to more', async () => {
    answerApi({ 'GET /v1/customers?': { asOf: '2026-03-01T00:00:00Z', items: [found('ada/1')], next: 'c1' }, 'GET /v1/customers?sort=lastSeen&limit=50&after=c1': { items: [found('bob')], next: null } }, 'agent');
    renderPage(<CustomersPage />);
    const link = await screen.findByRole('link', { name: 'ada/1' });
    expect(link.getAttribute('href')).toBe('/customers/user%3Aada%2F1');
    expect(screen.getByText('31%')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Show more' }));
    expect(await screen.findByRole('link', { name: 'bob' })).toBeTruthy();
    expect(screen.getByRole('link', { name: 'ada/1' })).toBeTruthy();
  });

  it('asks for what is chosen and keeps it in the address', async () => {
    const asked = answerApi({ 'GET /v1/customers': { items: [], next: null } });
    renderPage(<CustomersPage />);
    fireEvent.change(await screen.findByLabelText('Phase'), { target: { value: 'lost' } });
    fireEvent.change(screen.getByLabelText('Churn risk from'), { target: { value: '0.5' } });
    fireEvent.change(screen.getByLabelText('Segment'), { target: { value: 'vip ' } });
    fireEvent.blur(screen.getByLabelText('Segment'));
    await waitFor(() => expect(asked.at(-1)?.[1]).toBe('/v1/customers?sort=lastSeen&limit=50&phase=lost&segment=vip&minRisk=0.5'));
    expect(window.location.search).toBe('?phase=lost&segment=vip&minRisk=0.5');
    expect(await screen.findByText('Nobody is like this.')).toBeTruthy();
  });
});

it.each(['', '?phase=lost&tier=gold&segment=vip&minRisk=0.75&sort=risk'])('A filter %s is read as it was written', (query) => {
  expect(writeFilter(readFilter(query))).toBe(query);
});

it('What means nothing in an address is left out', () => {
  expect(writeFilter(readFilter('?minRisk=7&sort=colour&x=y'))).toBe('');
});
