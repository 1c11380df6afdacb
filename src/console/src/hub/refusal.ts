/**
 * Why a command did not happen. `already_claimed` and `already_resolved` are the hub's; `disconnected` means that it was not
 * sent, `unknown` that the connection broke before the answer came, so that it may have happened.
 */
export type Refusal = 'already_claimed' | 'already_resolved' | 'disconnected' | 'unknown' | 'refused';

/** Reads a failed invocation. The client puts words of its own before the message of a HubException. */
export function readRefusal(failure: unknown): { readonly code: Refusal; readonly detail: string } {
  const message = failure instanceof Error ? failure.message : '';
  const hub = /HubException: ([\s\S]*)$/.exec(message)?.[1];
  if (hub === undefined) {
    return { code: 'unknown', detail: '' };
  }
  if (hub.startsWith('already_claimed')) {
    return { code: 'already_claimed', detail: hub };
  }
  if (hub.startsWith('already_resolved')) {
    return { code: 'already_resolved', detail: hub };
  }
  return { code: 'refused', detail: hub };
}

/** Whether a connection attempt failed because the session is over. The client keeps the status only in its message. */
export function isUnauthorized(failure: unknown): boolean {
  if (!(failure instanceof Error)) {
    return false;
  }
  const status = (failure as { statusCode?: unknown }).statusCode;
  return status === 401 || /status code '401'/i.test(failure.message);
}
