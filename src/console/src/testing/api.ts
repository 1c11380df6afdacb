import { vi } from 'vitest';
import { saveSession } from '../session/storage';

/** What was asked of the API: method, path, body. */
export type Asked = readonly [method: string, path: string, body: unknown];

/** An answer of the API: a body, or a response of another status. */
export type Answers = Readonly<Record<string, unknown>>;

/**
 * An API that answers by the beginning of "METHOD path", the longest first; everything else is not found. Signed in as `role`.
 * What was asked is written down in the list that comes back.
 */
export function answerApi(answers: Answers, role = 'admin'): Asked[] {
  const asked: Asked[] = [];
  const known = Object.keys(answers).sort((a, b) => b.length - a.length);
  saveSession({ accessToken: 't', expiresAt: Date.now() + 3_600_000, role, agent: 'ada@example.com' });
  vi.spyOn(window, 'fetch').mockImplementation((path, init) => {
    const [method, text] = [init?.method ?? 'GET', init?.body];
    asked.push([method, String(path), typeof text === 'string' ? JSON.parse(text) : undefined]);
    const answer = answers[known.find((start) => `${method} ${String(path)}`.startsWith(start)) ?? ''];
    if (answer instanceof Response) {
      return Promise.resolve(answer.clone());
    }
    return Promise.resolve(answer === undefined ? Response.json({ code: 'not_found' }, { status: 404 }) : Response.json(answer));
  });
  return asked;
}
