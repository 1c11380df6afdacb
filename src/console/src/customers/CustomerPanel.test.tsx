import { screen } from '@testing-library/react';
import { describe, expect, it, vi } from 'vitest';
import { de } from '../i18n/de';
import { en } from '../i18n/en';
import { LanguageProvider } from '../i18n/language';
import { alert } from '../testing/alerts';
import { renderPage } from '../testing/render';
import { CustomerPanel } from './CustomerPanel';

const answer = (body: unknown, status = 200) =>
  vi.spyOn(window, 'fetch').mockImplementation(() => Promise.resolve(Response.json(body, { status })));
const show = (fields: object = {}) => renderPage(<CustomerPanel alert={alert('a', { ...fields })} connections={1} />);

describe('CustomerPanel', () => {
  it('shows phase, risk with its thresholds, value and points', async () => {
    answer({
      id: '17850',
      phase: 'recapture',
      traits: { name: 'Ada Lovelace', email: 'ada@example.org' },
      churn: { risk: 0.78, horizonDays: 90, probabilityAlive: 0.41, crossesAt: [{ threshold: 0.9, at: '2999-01-01T00:00:00Z' }] },
      value: { orders: 12, revenue: { EUR: 10, GBP: 2 } },
      loyalty: { balance: 1240, tier: 'Gold' },
      recent: [{ id: '3-17', type: 'track', event: 'Order Completed', time: '2026-01-01T00:00:00Z' }],
    });
    show();
    for (const text of ['Ada Lovelace', 'ada@example.org', 'Recapture', '78%', 'Reaches 90%', '41%', '€10.00 + £2.00', '1,240', 'Gold', 'Order Completed']) {
      expect(await screen.findByText(text)).toBeTruthy();
    }
  });

  it.each([
    [en, ['Offered now', '10% for you', 'Coupon BACK-7KQ2M9XWAB', 'Triggered by cart-left', /^Good until .*2999/]],
    [de, ['Gerade angeboten', '10% for you', 'Gutschein BACK-7KQ2M9XWAB', 'Ausgelöst durch cart-left', /^Gilt bis .*2999/]],
  ])('shows what is offered now, by which trigger and until when', async (texts, expected) => {
    answer({ id: 'x', nextBestOffer: { offerId: 'ten', title: '10% for you', trigger: 'cart-left', coupon: 'BACK-7KQ2M9XWAB', validUntil: '2999-05-01T12:00:00Z' } });
    renderPage(
      <LanguageProvider initial={texts}>
        <CustomerPanel alert={alert('a')} connections={1} />
      </LanguageProvider>,
    );
    for (const text of expected) {
      expect(await screen.findByText(text)).toBeTruthy();
    }
  });

  it('shows no offer that has ended', async () => {
    answer({ id: 'x', owner: 'grace', nextBestOffer: { offerId: 'ten', title: '10% for you', trigger: 'cart-left', validUntil: '2020-05-01T12:00:00Z' } });
    show();
    expect(await screen.findByText('grace')).toBeTruthy();
    expect(screen.queryByText('10% for you')).toBeNull();
  });

  it('shows an offer that is made while nothing happens to the alert', async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    try {
      answer({ id: 'x', owner: 'grace' });
      show();
      expect(await screen.findByText('grace')).toBeTruthy();
      answer({ id: 'x', nextBestOffer: { offerId: 'ten', title: '10% for you', trigger: 'cart-left', validUntil: '2999-05-01T12:00:00Z' } });
      await vi.advanceTimersByTimeAsync(6000);
      expect(await screen.findByText('10% for you')).toBeTruthy();
    } finally {
      vi.useRealTimers();
    }
  });

  it('shows a profile that knows next to nothing', async () => {
    answer({ id: 'x' });
    show({ customerId: 'anonymous:x' });
    expect(await screen.findByText('Anonymous visitor')).toBeTruthy();
    expect(screen.queryByText('Churn risk')).toBeNull();
  });

  it.each([
    [404, /no profile is known/i],
    [410, /erased/],
    [503, /could not be loaded/],
  ])('says what a %i means', async (status, text) => {
    answer({ code: 'x' }, status);
    show();
    expect(await screen.findByText(text)).toBeTruthy();
  });
});
