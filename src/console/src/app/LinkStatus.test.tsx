import { screen } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { emptyDesk } from '../alerts/store';
import { renderPage } from '../testing/render';
import { honestStatus, LinkBanner } from './LinkStatus';

describe('connection state', () => {
  it('is live only while the list is confirmed', () => {
    expect(honestStatus({ status: 'live', confirmedAt: 100_000 }, 110_000)).toBe('live');
    expect(honestStatus({ status: 'live', confirmedAt: 100_000 }, 200_000)).toBe('reconnecting');
    expect(honestStatus({ status: 'offline', confirmedAt: 100_000 }, 100_000)).toBe('offline');
  });

  it('says how old the list is while it cannot be renewed', () => {
    renderPage(<LinkBanner view={{ desk: emptyDesk, status: 'offline', confirmedAt: Date.now() - 5 * 60_000, connections: 1 }} />);
    expect(screen.getByText('Offline')).toBeTruthy();
    expect(screen.getByText(/5 min old|4 min old/)).toBeTruthy();
  });

  it('needs no banner while all is well', () => {
    renderPage(<LinkBanner view={{ desk: emptyDesk, status: 'live', confirmedAt: Date.now(), connections: 1 }} />);
    expect(screen.queryByText('Live')).toBeNull();
  });
});
