import { useEffect, useMemo, useRef, useState, useSyncExternalStore, type ReactNode } from 'react';
import { ErrorBoundary } from '../app/ErrorBoundary';
import { Header } from '../app/Header';
import { HelpDialog } from '../app/HelpDialog';
import { InboxIcon } from '../app/icons';
import { LinkBanner } from '../app/LinkStatus';
import { useShortcuts } from '../app/shortcuts';
import { CustomerPanel } from '../customers/CustomerPanel';
import { DeskConnection, type HubLink } from '../hub/deskConnection';
import { alertsHub } from '../hub/signalr';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { AlertDetail } from './AlertDetail';
import { AlertList } from './AlertList';
import { rowId } from './AlertRow';
import { useCalmOrder } from './calmOrder';
import { ResolveDialog } from './ResolveDialog';
import { mayAct, useCommands } from './useCommands';
import { useSelection } from './useSelection';
import classes from './DeskPage.module.css';

interface DeskPageProps {
  readonly desk: string;
  readonly token: string;
  /** How to reach the hub; tests bring their own. */
  readonly connect?: (accessToken: () => string) => HubLink;
}

/** The page agents work in: the list, the alert in hand, the customer it is about. */
export function DeskPage({ desk, token, connect = alertsHub }: DeskPageProps): ReactNode {
  const texts = useTexts();
  const { session, end, knowAgent } = useSession();
  const agent = session?.agent ?? null;

  const connection = useMemo(
    () => new DeskConnection({ desk, connect: () => connect(() => token), onUnauthorized: end }),
    [desk, token, connect, end],
  );
  useEffect(() => {
    connection.start();
    return () => connection.stop();
  }, [connection]);
  const view = useSyncExternalStore(connection.subscribe, connection.getView);

  const { alerts, touch } = useCalmOrder(view.desk);
  const selection = useSelection(view.desk, alerts);
  const commands = useCommands(connection, texts, (alert) => {
    if (alert.claimedBy !== null) {
      knowAgent(alert.claimedBy);
    }
  });

  const [resolvingId, setResolvingId] = useState<string | null>(null);
  const [helping, setHelping] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const selected = selection.alert;
  const inHand = selection.finished ? null : selected;
  // Somebody else may finish the alert while the dialog is open; then there is nothing left to resolve.
  const resolving = inHand !== null && inHand.id === resolvingId;

  const allowed = inHand !== null && mayAct(inHand, agent, session?.role ?? '');

  const claim = (): void => void (inHand !== null && commands.run('Claim', inHand.id));
  const release = (): void => void (allowed && inHand.claimedBy !== null && commands.run('Release', inHand.id));
  const openResolve = (): void => setResolvingId(allowed ? inHand.id : null);
  const resolve = (outcome: string, note: string): void => {
    setResolvingId(null);
    if (inHand !== null) {
      void commands.run('Resolve', inHand.id, outcome, note);
    }
  };
  const back = (): void => {
    if (window.matchMedia('(max-width: 820px)').matches) {
      // One column: the list is shown only while nothing is selected.
      selection.select(null);
    } else if (selection.id !== null) {
      document.getElementById(rowId(selection.id))?.focus();
    }
  };

  useShortcuts({
    j: () => selection.move(1),
    ArrowDown: () => selection.move(1),
    k: () => selection.move(-1),
    ArrowUp: () => selection.move(-1),
    Enter: () => (selection.id === null ? selection.move(1) : heading.current?.focus()),
    Escape: back,
    c: claim,
    u: release,
    r: openResolve,
    '?': () => setHelping(true),
  });

  return (
    <>
      <div className={classes.page} data-selected={selected !== null || undefined} inert={helping || resolving}>
        <Header desk={desk} view={view} onHelp={() => setHelping(true)} />
        <LinkBanner view={view} />
        <div className={classes.columns}>
          <AlertList
            alerts={alerts}
            openCount={view.desk.open.size}
            beyond={view.desk.beyond}
            loading={view.desk.sequence === null}
            selectedId={selection.id}
            agent={agent}
            onSelect={selection.select}
            onTouch={touch}
          />
          <main className={classes.main}>
            {selected === null ? (
              <div className={classes.nothing}>
                <InboxIcon size={40} />
                <h1>{texts.alerts.selectTitle}</h1>
                <p>{texts.alerts.selectText}</p>
              </div>
            ) : (
              <ErrorBoundary key={selected.id}>
                <AlertDetail
                  alert={selected}
                  finished={selection.finished}
                  agent={agent}
                  allowed={allowed}
                  state={commands.stateOf(selected.id)}
                  connections={view.connections}
                  headingRef={heading}
                  onBack={back}
                  onClaim={claim}
                  onRelease={release}
                  onResolve={openResolve}
                  onDismiss={() => commands.dismiss(selected.id)}
                />
              </ErrorBoundary>
            )}
          </main>
          {selected !== null && (
            // Reachable by tab: a region that scrolls has to be usable without a mouse.
            <div className={classes.customer} role="region" aria-label={texts.customer.title} tabIndex={0}>
              <ErrorBoundary key={selected.id}>
                <CustomerPanel alert={selected} connections={view.connections} />
              </ErrorBoundary>
            </div>
          )}
        </div>
      </div>
      <ResolveDialog
        opened={resolving}
        subject={selected?.title ?? ''}
        onClose={() => setResolvingId(null)}
        onClosed={() => heading.current?.focus()}
        onResolve={resolve}
      />
      <HelpDialog opened={helping} onClose={() => setHelping(false)} />
    </>
  );
}
