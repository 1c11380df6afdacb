import { Menu } from '@mantine/core';
import type { ReactNode } from 'react';
import { presences, type OwnPresence } from '../hub/people';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { AgentName, PresenceDot, usePeople } from './People';
import classes from './People.module.css';

/** How one is seen by the others, and who they are. */
export function PresenceMenu({ onChange }: { readonly onChange: (state: OwnPresence) => void }): ReactNode {
  const texts = useTexts().presence;
  const { own, there } = usePeople();
  const { session } = useSession();
  const others = [...there].filter(([agent]) => agent !== session?.agent).sort(([a], [b]) => (a < b ? -1 : 1));
  return (
    <Menu position="bottom-end" width={280}>
      <Menu.Target>
        <button type="button" className={classes.button} aria-label={texts.yours(texts.states[own])}>
          <PresenceDot state={own} />
          <span className={classes.word}>{texts.states[own]}</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {presences.map((state) => (
          <Menu.RadioItem key={state} value={state} checked={state === own} closeMenuOnClick onChange={() => onChange(state)}>
            <span className={classes.choice}>
              <PresenceDot state={state} />
              {texts.states[state]}
            </span>
          </Menu.RadioItem>
        ))}
        <Menu.Divider />
        <Menu.Label>{others.length === 0 ? texts.alone : texts.others}</Menu.Label>
        {others.length > 0 && (
          <div className={classes.others}>
            {others.map(([agent, state]) => (
              <span key={agent} className={classes.other}>
                <AgentName agent={agent} />
                <span className={classes.state}>{texts.states[state]}</span>
              </span>
            ))}
          </div>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
