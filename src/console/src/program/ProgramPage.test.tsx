import { fireEvent, screen, waitFor } from '@testing-library/react';
import { describe, expect, it } from 'vitest';
import { answerApi } from '../testing/api';
import { renderPage } from '../testing/render';
import { ProgramPage } from './ProgramPage';

const schema = { type: 'object', additionalProperties: false, properties: { version: { type: 'integer' }, loyalty: { type: 'object', properties: { pointsPerUnit: { type: 'integer' } } } } };
const inForce = { version: 4, loyalty: { pointsPerUnit: 1 } };
const report = { customers: 41, entries: 381, changed: 25, outcomes: { 'points granted': { current: 100, candidate: 200 } }, moves: [], examples: [] };
const answers = {
  'GET /v1/program': inForce,
  'GET /v1/program/schema': schema,
  'GET /v1/program/versions': { items: [{ version: 4, publishedAt: '2026-01-01T00:00:00Z', current: true }], next: null },
  'POST /v1/program/whatif': report,
  'PUT /v1/program': { ...inForce, version: 5 },
};
const editor = () => screen.findByLabelText<HTMLTextAreaElement>('Document (JSON)');
const type = async (text: string) => fireEvent.change(await editor(), { target: { value: text } });
const button = (name: string) => screen.getByRole<HTMLButtonElement>('button', { name });

describe('ProgramPage', () => {
  it('names what is wrong while it is typed, and publishes nothing of it', async () => {
    answerApi(answers);
    renderPage(<ProgramPage />);
    await type('{"version":4,"loyalty":{"pointsPerUnit":"two"},"x":1}');
    expect(await screen.findByText('2 faults')).toBeTruthy();
    expect(screen.getByText('loyalty.pointsPerUnit')).toBeTruthy();
    await type('{"version":');
    expect(await screen.findByText(/This is not JSON/)).toBeTruthy();
    expect(button('What if?').disabled).toBe(true);
    expect(button('Publish').disabled).toBe(true);
  });

  it('publishes only what was tried on the history, over the version that it was made from', async () => {
    const asked = answerApi(answers);
    renderPage(<ProgramPage />);
    await type('{"version":4,"loyalty":{"pointsPerUnit":2}}');
    expect(button('Publish').disabled).toBe(true);
    fireEvent.click(button('What if?'));
    expect(await screen.findByText('+100')).toBeTruthy();
    fireEvent.click(button('Publish'));
    await waitFor(() => expect(asked.some(([method]) => method === 'PUT')).toBe(true));
    const put = asked.findIndex(([method]) => method === 'PUT');
    expect(asked[put]?.[2]).toEqual({ version: 4, loyalty: { pointsPerUnit: 2 } });
    const init = (window.fetch as unknown as { mock: { calls: [string, RequestInit][] } }).mock.calls[put]?.[1];
    expect(new Headers(init?.headers).get('If-Match')).toBe('"4"');
  });

  it('shows what is allowed and probably not meant, and publishes it all the same', async () => {
    const warning = 'consent: says nothing of service';
    const asked = answerApi({ ...answers, 'POST /v1/program/whatif': { ...report, warnings: [warning] } });
    renderPage(<ProgramPage />);
    await type('{"version":4}');
    fireEvent.click(button('What if?'));
    expect(await screen.findByText(warning)).toBeTruthy();
    fireEvent.click(button('Publish'));
    await waitFor(() => expect(asked.some(([method]) => method === 'PUT')).toBe(true));
  });

  it('shows the faults that only the server knows', async () => {
    const refusal = Response.json({ code: 'invalid_program', errors: [{ field: 'loyalty.tiers', detail: 'goes in circles' }] }, { status: 422 });
    answerApi({ ...answers, 'POST /v1/program/whatif': refusal });
    renderPage(<ProgramPage />);
    await type('{"version":4}');
    fireEvent.click(button('What if?'));
    expect(await screen.findByText('loyalty.tiers')).toBeTruthy();
    expect(screen.getByText('goes in circles', { exact: false })).toBeTruthy();
  });
});
