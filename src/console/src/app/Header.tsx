import { ActionIcon, Menu, Tooltip, useMantineColorScheme } from '@mantine/core';
import { useColorScheme } from '@mantine/hooks';
import type { ReactNode } from 'react';
import type { DeskView } from '../hub/deskConnection';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { KeyboardIcon, Mark, MoonIcon, PersonIcon, SunIcon, SystemIcon } from './icons';
import { LinkPill } from './LinkStatus';
import { nextScheme } from './theme';
import classes from './Header.module.css';

const schemeIcon = { auto: SystemIcon, light: SunIcon, dark: MoonIcon };

interface HeaderProps {
  readonly desk: string;
  readonly view: DeskView;
  readonly onHelp: () => void;
}

export function Header({ desk, view, onHelp }: HeaderProps): ReactNode {
  const texts = useTexts();
  const { session, signOut } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme({
    // Switching transitions off for the moment would insert a style element, which the content policy refuses.
    keepTransitions: true,
  });
  const system = useColorScheme();
  const SchemeIcon = schemeIcon[colorScheme];
  const role = texts.shell.roles[session?.role ?? ''] ?? session?.role ?? '';
  return (
    <header className={classes.header}>
      <a className={classes.skip} href="#alerts">
        {texts.shell.skip}
      </a>
      <Mark />
      <span className={classes.product}>{texts.product}</span>
      <span className={classes.desk}>{texts.shell.desk(desk)}</span>
      <span className={classes.space} />
      <LinkPill view={view} />
      <span className={classes.tools}>
        <Tooltip label={texts.shell.scheme[colorScheme]}>
          <ActionIcon
            variant="subtle"
            color="gray"
            size="lg"
            aria-label={texts.shell.scheme[colorScheme]}
            onClick={() => setColorScheme(nextScheme(colorScheme, system))}
          >
            <SchemeIcon />
          </ActionIcon>
        </Tooltip>
        <Tooltip label={texts.shell.help}>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={texts.shell.help} onClick={onHelp}>
            <KeyboardIcon />
          </ActionIcon>
        </Tooltip>
        <Menu position="bottom-end" width={240}>
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" size="lg" aria-label={texts.shell.account}>
              <PersonIcon />
            </ActionIcon>
          </Menu.Target>
          <Menu.Dropdown>
            <Menu.Label>
              <span className={classes.agent}>{session?.agent ?? texts.shell.account}</span>
              {texts.shell.signedInAs(role)}
            </Menu.Label>
            <Menu.Divider />
            <Menu.Item onClick={signOut}>{texts.shell.signOut}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </span>
    </header>
  );
}
