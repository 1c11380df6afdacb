import { useCallback, useState } from 'react';
import type { Alert } from '../api/alerts';
import type { CommandResult, DeskConnection } from '../hub/deskConnection';
import type { Texts } from '../i18n/en';
import { findAlert } from './store';

export type CommandName = 'Claim' | 'Release' | 'Resolve' | 'Snooze' | 'Assign' | 'AddNote';

/** What the agent is told about the last command on one alert. */
export interface CommandState {
  readonly pending: CommandName | null;
  readonly problem: string | null;
}

const idle: CommandState = { pending: null, problem: null };

export interface Commands {
  stateOf(id: string): CommandState;
  run(command: CommandName, id: string, ...args: unknown[]): Promise<boolean>;
  dismiss(id: string): void;
}

/** Commands of the agent, one at a time for each alert. Nothing shows as done before the server said so. */
export function useCommands(connection: DeskConnection, texts: Texts, onClaimed: (alert: Alert) => void): Commands {
  const [states, setStates] = useState<ReadonlyMap<string, CommandState>>(new Map());

  const put = useCallback((id: string, state: CommandState) => {
    setStates((before) => {
      const next = new Map(before);
      if (state === idle) {
        next.delete(id);
      } else {
        next.set(id, state);
      }
      return next;
    });
  }, []);

  const stateOf = (id: string): CommandState => states.get(id) ?? idle;

  return {
    stateOf,
    dismiss: (id) => put(id, idle),
    run: async (command, id, ...args) => {
      if (stateOf(id).pending !== null) {
        return false;
      }
      put(id, { pending: command, problem: null });
      const result = await connection.command(command, id, ...args);
      if (result.ok) {
        put(id, idle);
        if (command === 'Claim') {
          onClaimed(result.alert);
        }
        return true;
      }
      const now = findAlert(connection.getView().desk, id);
      put(id, { pending: null, problem: describeRefusal(texts, result, now?.claimedBy ?? null) });
      return false;
    },
  };
}

/**
 * Whether it makes sense to offer commands: a colleague's alert is theirs, except for supervisors. Decided for the eye alone,
 * the server decides in earnest; and while the agent's own name is not known, everything is offered.
 */
export function mayAct(alert: Alert, agent: string | null, role: string): boolean {
  return alert.claimedBy === null || alert.claimedBy === agent || agent === null || role !== 'agent';
}

export function describeRefusal(
  texts: Texts,
  refusal: Extract<CommandResult, { ok: false }>,
  holder: string | null,
): string {
  switch (refusal.code) {
    case 'already_claimed':
      return capitalise(texts.commands.alreadyClaimed(holder ?? texts.alerts.someone));
    case 'already_resolved':
      return texts.commands.alreadyResolved;
    case 'disconnected':
      return texts.commands.disconnected;
    case 'unknown':
      return texts.commands.unknown;
    case 'refused':
      return texts.commands.refused(refusal.detail);
  }
}

function capitalise(text: string): string {
  return text.includes('@') ? text : text.charAt(0).toUpperCase() + text.slice(1);
}
