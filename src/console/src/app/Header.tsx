import { ActionIcon, Menu, Tooltip, useMantineColorScheme } from '@mantine/core';
import { useColorScheme } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { usePreferences } from '../alerts/useArrivals';
import type { DeskView } from '../hub/deskConnection';
import type { OwnPresence } from '../hub/people';
import { useLanguage } from '../i18n/language';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { KeyboardIcon, Mark, MoonIcon, PersonIcon, SearchIcon, SunIcon, SystemIcon } from './icons';
import { LinkPill } from './LinkStatus';
import { pagesOf, type PageEntry } from './pages';
import { Link } from './router';
import { PresenceMenu } from './PresenceMenu';
import { nextScheme } from './theme';
import classes from './Header.module.css';

const schemeIcon = { auto: SystemIcon, light: SunIcon, dark: MoonIcon };

interface HeaderProps {
  readonly desk: string;
  readonly view: DeskView;
  readonly page: PageEntry;
  /** Alerts that nobody has yet. */
  readonly waiting: number;
  readonly onPresence: (state: OwnPresence) => void;
  readonly onHelp: () => void;
  readonly onCommand: () => void;
}

export function Header({ desk, view, page, waiting, onPresence, onHelp, onCommand }: HeaderProps): ReactNode {
  const texts = useTexts();
  const { session } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme({
    // Switching transitions off for the moment would insert a style element, which the content policy refuses.
    keepTransitions: true,
  });
  const system = useColorScheme();
  const SchemeIcon = schemeIcon[colorScheme];
  return (
    <header className={classes.header}>
      <a className={classes.skip} href={page.component === null ? '#alerts' : '#main'}>
        {page.component === null ? texts.shell.skip : texts.shell.skipToMain}
      </a>
      <Mark />
      <span className={classes.product}>{texts.product}</span>
      <nav className={classes.nav} aria-label={texts.shell.pages}>
        {pagesOf(session?.role ?? '').map((entry) => (
          <Link key={entry.name} to={entry.path} className={classes.link} aria-current={entry.name === page.name ? 'page' : undefined}>
            {texts.nav[entry.name]}
            {entry.name === 'desk' && waiting > 0 && (
              <span className={classes.badge} title={texts.shell.desk(desk)}>
                {waiting > 999 ? '999+' : waiting}
              </span>
            )}
          </Link>
        ))}
      </nav>
      <span className={classes.space} />
      <button type="button" className={classes.search} onClick={onCommand} title={texts.command.title} aria-keyshortcuts="Control+K">
        <SearchIcon size={16} />
        <span className={classes.searchText}>{texts.command.short}</span>
        <kbd className={classes.searchKey} aria-hidden="true">
          Ctrl K
        </kbd>
      </button>
      <LinkPill view={view} />
      <PresenceMenu onChange={onPresence} />
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
        <AccountMenu />
      </span>
    </header>
  );
}

function AccountMenu(): ReactNode {
  const texts = useTexts();
  const { session, signOut } = useSession();
  const { language, setLanguage } = useLanguage();
  const { sound, setSound, notify, setNotify } = usePreferences();
  const role = texts.shell.roles[session?.role ?? ''] ?? session?.role ?? '';
  const choice = (label: string, on: boolean, toggle: () => void): ReactNode => (
    <Menu.CheckboxItem checked={on} onChange={toggle}>
      {label}
    </Menu.CheckboxItem>
  );
  return (
    <Menu position="bottom-end" width={260}>
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
        {choice(texts.shell.sound, sound, () => setSound(!sound))}
        {choice(texts.shell.notify, notify, () => setNotify(!notify))}
        <Menu.Item lang={language === 'en' ? 'de' : 'en'} onClick={() => setLanguage(language === 'en' ? 'de' : 'en')}>
          {language === 'en' ? 'Deutsch' : 'English'}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item onClick={signOut}>{texts.shell.signOut}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
