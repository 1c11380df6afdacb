import { Suspense, useCallback, useEffect, useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import { DeskPage } from '../alerts/DeskPage';
import { useArrivals } from '../alerts/useArrivals';
import { countsOf } from '../alerts/views';
import { DeskConnection, type HubLink } from '../hub/deskConnection';
import { DeskPeople, presences, type OwnPresence } from '../hub/people';
import { alertsHub } from '../hub/signalr';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { CommandBar } from './CommandBar';
import { ErrorBoundary } from './ErrorBoundary';
import { Header } from './Header';
import { HelpDialog } from './HelpDialog';
import { LinkBanner } from './LinkStatus';
import { pageAt } from './pages';
import { PeopleContext } from './People';
import { usePreference } from './preference';
import { usePath } from './router';
import { useCommandKey, useShortcuts } from './shortcuts';
import classes from './Workplace.module.css';

interface WorkplaceProps {
  readonly desk: string;
  readonly token: string;
  /** How to reach the hub; tests bring their own. */
  readonly connect?: (accessToken: () => string) => HubLink;
}

/** Everything a signed-in agent sees. The desk stays connected whichever page is open, so that no alert goes unnoticed. */
export function Workplace({ desk, token, connect = alertsHub }: WorkplaceProps): ReactNode {
  const texts = useTexts();
  const { session, end } = useSession();
  const [presence, setPresence] = usePreference('presence', presences);
  // How one is seen at the start; later choices are told to the same object.
  const people = useMemo(() => new DeskPeople(presence), [desk, token]);
  const choosePresence = (state: OwnPresence): void => {
    setPresence(state);
    people.setPresence(state);
  };
  const connection = useMemo(
    () => new DeskConnection({ desk, connect: () => connect(() => token), onUnauthorized: end, people }),
    [desk, token, connect, end, people],
  );
  useEffect(() => {
    connection.start();
    return () => connection.stop();
  }, [connection]);
  const view = useSyncExternalStore(connection.subscribe, connection.getView);
  const here = useSyncExternalStore(people.subscribe, people.getView);
  const look = useCallback((alert: string | null) => people.open(alert), [people]);

  const page = pageAt(usePath(), session?.role ?? '');
  const [dialog, setDialog] = useState<'help' | 'command' | null>(null);
  const close = (): void => setDialog(null);
  useShortcuts({ '?': () => setDialog('help'), '/': () => setDialog('command') });
  useCommandKey(() => setDialog('command'));

  const counts = useMemo(() => countsOf(view.desk, session?.agent ?? null), [view.desk, session?.agent]);
  const waiting = counts.unassigned;
  useEffect(() => {
    const place = `${texts.nav[page.name]} · ${texts.product}`;
    document.title = waiting > 0 ? `(${waiting}) ${place}` : place;
  }, [texts, page.name, waiting]);
  useArrivals(view.desk);

  const Page = page.component;
  return (
    <PeopleContext value={here}>
      <div className={classes.page} inert={dialog !== null}>
        <Header
          desk={desk}
          view={view}
          page={page}
          waiting={waiting}
          onPresence={choosePresence}
          onHelp={() => setDialog('help')}
          onCommand={() => setDialog('command')}
        />
        <LinkBanner view={view} />
        <ErrorBoundary key={page.name}>
          {Page === null ? (
            <DeskPage connection={connection} view={view} counts={counts} onLook={look} />
          ) : (
            <Suspense fallback={<div className={classes.waiting} aria-busy="true" />}>
              <Page />
            </Suspense>
          )}
        </ErrorBoundary>
      </div>
      <HelpDialog opened={dialog === 'help'} onClose={close} />
      <CommandBar opened={dialog === 'command'} onClose={close} />
    </PeopleContext>
  );
}
