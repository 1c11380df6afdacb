import { describe, expect, it } from 'vitest';
import { en } from '../i18n/en';
import { alert } from '../testing/alerts';
import { readRefusal } from '../hub/refusal';
import { describeRefusal, mayAct } from './useCommands';

describe('who may act', () => {
  const grace = alert('a', { status: 'claimed', claimedBy: 'grace' });
  it.each([
    ['on an unclaimed alert anyone', alert('a'), 'ada', 'agent', true],
    ['on a colleague’s alert no agent', grace, 'ada', 'agent', false],
    ['on an agent’s alert a supervisor', grace, 'ada', 'supervisor', true],
    ['on one’s own alert everyone', grace, 'grace', 'agent', true],
    ['before the own name is known everyone', grace, null, 'agent', true],
  ] as const)('%s: %#', (_, item, agent, role, expected) => {
    expect(mayAct(item, agent, role)).toBe(expected);
  });
});

describe('refusals', () => {
  const prefix = "An unexpected error occurred invoking 'Claim' on the server. HubException: ";
  it.each([
    [prefix + 'already_claimed', 'grace', 'Grace has claimed this alert already.'],
    [prefix + 'already_claimed: somebody', null, 'Another agent has claimed this alert already.'],
    [prefix + 'already_claimed', 'grace@example.com', 'grace@example.com has claimed this alert already.'],
    [prefix + 'already_resolved', null, 'This alert was finished already.'],
    [prefix + 'Note too long.', null, 'The server refused this: Note too long.'],
  ])('"%s" reads friendly', (message, holder, text) => {
    expect(describeRefusal(en, { ok: false, ...readRefusal(new Error(message)) }, holder)).toBe(text);
  });

  it('A broken connection is an unknown outcome, not a failure', () => {
    expect(readRefusal(new Error('Invocation canceled due to the underlying connection being closed.')).code).toBe('unknown');
  });
});
