import { describe, expect, it, vi } from 'vitest';
import { customerSegment, readCustomer } from './customers';
import { ApiError, createHttp } from './http';

const answer = (response: () => Response) => vi.spyOn(window, 'fetch').mockImplementation(() => Promise.resolve(response()));

describe('Http', () => {
  it('sends the token in the header and never in the address', async () => {
    const fetched = answer(() => Response.json({ ok: true }));
    await createHttp(() => 'secret-token', () => undefined).get('/v1/x');
    const [path, init] = fetched.mock.calls[0] ?? [];
    expect(path).toBe('/v1/x');
    expect(new Headers(init?.headers).get('Authorization')).toBe('Bearer secret-token');
  });

  it('ends the session on 401', async () => {
    answer(() => Response.json({ code: 'unauthorized' }, { status: 401 }));
    const ended = vi.fn();
    await expect(createHttp(() => 't', ended).get('/v1/x')).rejects.toMatchObject({ status: 401 });
    expect(ended).toHaveBeenCalledOnce();
  });

  it('does not take a wrong password for the end of a session', async () => {
    answer(() => Response.json({ code: 'invalid_credentials' }, { status: 401 }));
    const ended = vi.fn();
    await expect(createHttp(() => null, ended).post('/v1/sessions', {})).rejects.toBeInstanceOf(ApiError);
    expect(ended).not.toHaveBeenCalled();
  });

  it('reads the problem, and survives one that is not JSON', async () => {
    answer(() => Response.json({ code: 'overloaded', detail: 'Busy.' }, { status: 429, headers: { 'Retry-After': '2' } }));
    await expect(createHttp(() => null, () => undefined).get('/v1/x')).rejects.toMatchObject({ code: 'overloaded', detail: 'Busy.', retryAfter: 2 });
    answer(() => new Response('<h1>Bad gateway</h1>', { status: 502 }));
    await expect(createHttp(() => null, () => undefined).get('/v1/x')).rejects.toMatchObject({ status: 502, code: 'failed' });
  });
});

describe('customers', () => {
  it.each([
    ['user:17850', null, 'user%3A17850'],
    ['17850', 'anonymous', 'anonymous%3A17850'],
    ['a/b c', 'user', 'user%3Aa%2Fb%20c'],
    ['17850', null, '17850'],
  ])('%s of kind %s is asked for as %s', (id, kind, segment) => {
    expect(customerSegment(id, kind)).toBe(segment);
  });

  it('A profile of the wrong shape becomes an empty one', () => {
    expect(readCustomer({ churn: 'x', value: [], traits: null, recent: {} })).toMatchObject({ risk: null, orders: null, recent: [] });
  });
});
