import { createContext, useContext, type ReactNode } from 'react';
import type { PeopleView } from '../hub/people';
import { useTexts } from '../i18n/texts';
import classes from './People.module.css';

const nobody: PeopleView = { there: new Map(), own: 'online', alert: null, lookers: [] };

export const PeopleContext = createContext<PeopleView>(nobody);

export function usePeople(): PeopleView {
  return useContext(PeopleContext);
}

/** An agent by address, and whether they are there. Where nobody is known to be there (no connection) nothing is said of it. */
export function AgentName({ agent }: { readonly agent: string }): ReactNode {
  const { there } = usePeople();
  const texts = useTexts();
  const state = there.get(agent) ?? 'offline';
  return (
    <span className={classes.agent} title={there.size === 0 ? agent : `${agent}: ${texts.presence.states[state]}`}>
      {there.size > 0 && <PresenceDot state={state} />}
      <span className={classes.name}>{agent}</span>
    </span>
  );
}

/** Shape and colour; the word stands beside it or in the title. */
export function PresenceDot({ state }: { readonly state: string }): ReactNode {
  return <span className={classes.dot} data-state={state} aria-hidden="true" />;
}
