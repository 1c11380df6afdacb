import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { operationsOf, targetOf, typeOf, type ApiDocument } from './document';
import { Reference } from './Reference';

const api: ApiDocument = {
  info: { title: 'Shop', description: 'First `code`.\n\nSecond.' },
  tags: [{ name: 'Things', description: 'What there is.' }],
  paths: {
    '/v1/things/{id}': {
      get: {
        operationId: 'getThing',
        tags: ['Things'],
        summary: 'One thing.',
        parameters: [
          { name: 'id', in: 'path', required: true, schema: { type: 'string' } },
          { name: 'limit', in: 'query', schema: { type: 'integer' } },
        ],
        responses: { '200': { description: 'It.', content: { 'application/json': { schema: { $ref: '#/components/schemas/Thing' } } } } },
      },
    },
  },
  components: {
    schemas: {
      Thing: { type: 'object', required: ['parts'], properties: { parts: { type: 'array', items: { $ref: '#/components/schemas/Thing' } } } },
    },
  },
};

let answers: { status: number; body: unknown }[];
let asked: { url: string; init: RequestInit }[];

beforeEach(() => {
  asked = [];
  answers = [{ status: 200, body: api }];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    asked.push({ url, init });
    const answer = answers.shift() ?? { status: 500, body: null };
    return Promise.resolve(new Response(JSON.stringify(answer.body), { status: answer.status }));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  window.location.hash = '';
});

test('a request goes to the path with its names filled in and escaped', () => {
  const [operation] = operationsOf(api);
  expect(targetOf(operation!, { id: 'a/b', limit: '5' })).toBe('/v1/things/a%2Fb?limit=5');
  expect(targetOf(operation!, { id: 'x' })).toBe('/v1/things/x');
});

test('a type is told in few words', () => {
  expect(typeOf(api, { type: 'array', items: { $ref: '#/components/schemas/Thing' } })).toBe('array of Thing');
  expect(typeOf(api, { type: ['string', 'null'], format: 'date-time' })).toBe('string | null (date-time)');
  expect(typeOf(api, { enum: ['a', 'b'] })).toBe('a | b');
});

test('an operation is read and tried with the key that was typed', async () => {
  render(<Reference />);
  fireEvent.change(screen.getByLabelText('Key'), { target: { value: 'ak_1' } });
  await screen.findByText('/v1/things/{id}');
  window.location.hash = 'getThing';
  const form = await screen.findByRole('form', { name: 'Try it' });
  expect(within(form).getByRole('button')).toHaveProperty('disabled', true);

  answers.push({ status: 404, body: { code: 'thing_not_found' } });
  fireEvent.change(within(form).getByLabelText('id'), { target: { value: 'ada' } });
  fireEvent.click(within(form).getByRole('button', { name: 'Send' }));

  await waitFor(() => expect(form.textContent).toContain('thing_not_found'));
  expect(asked[1]?.url).toBe('/v1/things/ada');
  expect(new Headers(asked[1]?.init.headers).get('Authorization')).toBe('Bearer ak_1');
});

test('from another machine the page asks for a key', async () => {
  answers = [{ status: 401, body: {} }, { status: 200, body: api }];
  render(<Reference />);
  await screen.findByText(/needs a key/);

  fireEvent.change(screen.getByLabelText('Key'), { target: { value: 'ak_1' } });
  fireEvent.click(screen.getByRole('button', { name: 'Open' }));

  await screen.findByText('Second.');
  expect(screen.getByText('code').tagName).toBe('CODE');
  expect(new Headers(asked[1]?.init.headers).get('Authorization')).toBe('Bearer ak_1');
});
