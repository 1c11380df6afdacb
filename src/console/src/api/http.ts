import { asArray, asNumber, asObject, asText } from './read';

/** How long an answer may take before it counts as unreachable, in milliseconds. Longer than the engine's own limits. */
const answerTimeout = 20_000;

/** One thing that the server found wrong with what it was sent. */
export interface Fault {
  /** Where, as a path of names: `loyalty.tiers.levels[0].name`. */
  readonly path: string;
  readonly detail: string;
}

/** A request that the server refused (RFC 9457) or that never reached it (`status` 0). */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    /** Stable and machine-readable: `unreachable` when no answer came. */
    readonly code: string,
    readonly detail: string,
    /** Seconds to wait before asking again, when the server said so. */
    readonly retryAfter: number | null = null,
    /** What exactly was wrong, when the server named it. */
    readonly faults: readonly Fault[] = [],
  ) {
    super(`${status} ${code}`);
  }
}

export interface Http {
  get(path: string, signal?: AbortSignal): Promise<unknown>;
  post(path: string, body: unknown, signal?: AbortSignal): Promise<unknown>;
  /** Replaces what is there; with `version` only while that one is in force. */
  put(path: string, body: unknown, version?: number): Promise<unknown>;
  delete(path: string): Promise<unknown>;
}

/**
 * Speaks to the API on the page's own origin. `onUnauthorized` is told of every 401 to a request that carried a token: the
 * session is over, whatever was being asked for.
 */
export function createHttp(token: () => string | null, onUnauthorized: () => void): Http {
  async function send(method: string, path: string, body?: unknown, signal?: AbortSignal, version?: number): Promise<unknown> {
    const bearer = token();
    const headers: Record<string, string> = { Accept: 'application/json' };
    if (body !== undefined) {
      headers['Content-Type'] = 'application/json';
    }
    if (version !== undefined) {
      headers['If-Match'] = `"${version}"`;
    }
    if (bearer !== null) {
      headers['Authorization'] = `Bearer ${bearer}`;
    }
    const timeout = AbortSignal.timeout(answerTimeout);
    let response: Response;
    let text: string;
    try {
      response = await fetch(path, {
        method,
        headers,
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        credentials: 'omit',
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      text = await response.text();
    } catch (failure) {
      if (signal?.aborted === true) {
        throw failure;
      }
      throw new ApiError(0, 'unreachable', '');
    }
    if (response.status === 401 && bearer !== null) {
      onUnauthorized();
    }
    if (!response.ok) {
      throw readProblem(response, text);
    }
    return parse(text);
  }

  return {
    get: (path, signal) => send('GET', path, undefined, signal),
    post: (path, body, signal) => send('POST', path, body, signal),
    put: (path, body, version) => send('PUT', path, body, undefined, version),
    delete: (path) => send('DELETE', path),
  };
}

function readProblem(response: Response, text: string): ApiError {
  const problem = asObject(parse(text));
  const retryAfter = asNumber(Number(response.headers.get('Retry-After') ?? Number.NaN));
  return new ApiError(
    response.status,
    asText(problem?.['code']) || 'failed',
    asText(problem?.['detail']) || asText(problem?.['title']),
    retryAfter,
    asArray(problem?.['errors']).map(readFault),
  );
}

function readFault(value: unknown): Fault {
  const raw = asObject(value);
  return { path: asText(raw?.['field'] ?? raw?.['path']), detail: asText(raw?.['detail']) };
}

/** Undefined when the text is not JSON; a proxy's error page, for one. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
