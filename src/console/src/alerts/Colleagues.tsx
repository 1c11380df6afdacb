import { Menu } from '@mantine/core';
import type { ReactNode } from 'react';
import { PresenceDot, usePeople } from '../app/People';
import { useTexts } from '../i18n/texts';

interface ColleaguesProps {
  /** Who is not to be named: the agent, who claims instead. */
  readonly except: string | null;
  readonly onChoose: (agent: string) => void;
}

/** The items of a menu of those an alert can be given to: everybody who is there. */
export function Colleagues({ except, onChoose }: ColleaguesProps): ReactNode {
  const texts = useTexts();
  const { there } = usePeople();
  const others = [...there].filter(([agent]) => agent !== except).sort(([one], [other]) => one.localeCompare(other));
  return others.length === 0 ? (
    <Menu.Label>{texts.presence.alone}</Menu.Label>
  ) : (
    others.map(([agent, state]) => (
      <Menu.Item key={agent} leftSection={<PresenceDot state={state} />} onClick={() => onChoose(agent)}>
        {agent}
      </Menu.Item>
    ))
  );
}
