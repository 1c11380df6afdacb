import { fireEvent, screen, waitFor } from '@testing-library/react';
import { expect, it } from 'vitest';
import { answerApi } from '../testing/api';
import { renderPage } from '../testing/render';
import { KeysPage } from './KeysPage';

const key = { id: 'k1', kind: 'api', scopes: ['read'], name: 'shop', createdAt: '2026-01-01T00:00:00Z', expiresAt: null, lastUsedAt: null };

it('A key is made with its scopes and its secret shown once', async () => {
  const asked = answerApi({ 'GET /v1/keys': { items: [key], next: null }, 'POST /v1/keys': { ...key, id: 'k2', key: 'ak_secret' } });
  renderPage(<KeysPage />);
  fireEvent.click(await screen.findByRole('button', { name: 'Make a key' }));
  fireEvent.change(await screen.findByLabelText('Name'), { target: { value: ' desk ' } });
  fireEvent.click(screen.getByLabelText('redeem'));
  fireEvent.click(screen.getByRole('button', { name: 'Make it' }));
  expect((await screen.findByText('ak_secret')).tagName).toBe('OUTPUT');
  expect(asked.find(([method]) => method === 'POST')?.[2]).toEqual({ kind: 'api', name: 'desk', scopes: ['read', 'decide', 'redeem'] });
  fireEvent.click(screen.getByRole('button', { name: 'I have it' }));
  await waitFor(() => expect(screen.queryByText('ak_secret')).toBeNull());
});

it('A key is revoked after a question', async () => {
  const asked = answerApi({ 'GET /v1/keys': { items: [key], next: null }, 'DELETE /v1/keys/k1': {} });
  renderPage(<KeysPage />);
  fireEvent.click(await screen.findByRole('button', { name: 'Revoke: shop' }));
  expect(await screen.findByText(/“shop” is refused/)).toBeTruthy();
  expect(asked.some(([method]) => method === 'DELETE')).toBe(false);
  fireEvent.click(screen.getByRole('button', { name: 'Revoke' }));
  await waitFor(() => expect(asked.some(([method, path]) => method === 'DELETE' && path === '/v1/keys/k1')).toBe(true));
});
