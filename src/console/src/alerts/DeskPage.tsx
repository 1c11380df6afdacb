import { useEffect, useMemo, useRef, useState, type ReactNode } from 'react';
import { flushSync } from 'react-dom';
import { ErrorBoundary } from '../app/ErrorBoundary';
import { InboxIcon } from '../app/icons';
import { usePreference } from '../app/preference';
import { useShortcuts } from '../app/shortcuts';
import { CustomerPanel } from '../customers/CustomerPanel';
import type { DeskConnection, DeskView } from '../hub/deskConnection';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { AlertDetail } from './AlertDetail';
import { AlertList } from './AlertList';
import { rowId } from './AlertRow';
import { BulkBar } from './BulkBar';
import { useCalmOrder } from './calmOrder';
import { FilterPanel, filterTextId } from './FilterPanel';
import { countsOfSaved, matches, noFilter } from './filters';
import { noteFieldId } from './NoteForm';
import { ResolveDialog } from './ResolveDialog';
import { SavedFilterBar } from './SavedFilterBar';
import { snoozeUntil, type Snooze } from './snooze';
import { useBulk } from './useBulk';
import { mayAct, useCommands } from './useCommands';
import { useSavedFilters } from './useSavedFilters';
import { useSelection } from './useSelection';
import { deskSorts, deskViews, listed, type ViewCounts } from './views';
import { alertTitle } from './words';
import classes from './DeskPage.module.css';

interface DeskPageProps {
  readonly connection: DeskConnection;
  readonly view: DeskView;
  readonly counts: ViewCounts;
  /** Another alert is on the screen, or none. */
  readonly onLook: (alert: string | null) => void;
}

/** The page agents work in: the list, the alert in hand, the customer it is about. */
export function DeskPage({ connection, view, counts, onLook }: DeskPageProps): ReactNode {
  const texts = useTexts();
  const { session, knowAgent } = useSession();
  const agent = session?.agent ?? null;

  const [which, setWhich] = usePreference('view', deskViews);
  const [sort, setSort] = usePreference('sort', deskSorts);
  const [filter, setFilter] = useState(noFilter);
  const [filtering, setFiltering] = useState(false);
  const kept = useSavedFilters(agent);
  const keptCounts = useMemo(() => countsOfSaved(texts, view.desk, kept.saved, agent), [texts, view.desk, kept.saved, agent]);
  const inView = useMemo(
    () => listed(view.desk, which, sort, agent, (alert) => matches(texts, filter, alert)),
    [texts, view.desk, which, sort, agent, filter],
  );
  const { alerts, waiting, touch, scrolled, release: showAll } = useCalmOrder(view.desk, inView, `${which} ${sort} ${JSON.stringify(filter)}`);
  const bulk = useBulk(alerts);
  const selection = useSelection(view.desk, alerts);
  const commands = useCommands(connection, texts, (alert) => {
    if (alert.claimedBy !== null) {
      knowAgent(alert.claimedBy);
    }
  });

  const [resolvingId, setResolvingId] = useState<string | null>(null);
  const [resolvingMarked, setResolvingMarked] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const selected = selection.alert;
  const onScreen = selected?.id ?? null;
  useEffect(() => onLook(onScreen), [onLook, onScreen]);
  useEffect(() => () => onLook(null), [onLook]);
  const inHand = selection.finished ? null : selected;
  // Somebody else may finish the alert while the dialog is open; then there is nothing left to resolve.
  const resolvingMany = resolvingMarked && bulk.marked.size > 0;
  const resolving = resolvingMany || (inHand !== null && inHand.id === resolvingId);

  const allowed = inHand !== null && mayAct(inHand, agent, session?.role ?? '');

  const claim = (): void => void (inHand !== null && commands.run('Claim', inHand.id));
  const release = (): void => void (allowed && inHand.claimedBy !== null && commands.run('Release', inHand.id));
  const snooze = (choice: Snooze): void =>
    void (allowed && commands.run('Snooze', inHand.id, snoozeUntil(choice, new Date()).toISOString()));
  const assign = (to: string): void => void (allowed && commands.run('Assign', inHand.id, to));
  const addNote = allowed ? (text: string): Promise<boolean> => commands.run('AddNote', inHand.id, text) : null;
  const openResolve = (): void => setResolvingId(allowed ? inHand.id : null);
  const closeResolve = (): void => {
    setResolvingId(null);
    setResolvingMarked(false);
  };
  const resolve = (outcome: string, note: string): void => {
    closeResolve();
    if (resolvingMany) {
      void bulk.run({ action: 'resolve', outcome, note });
    } else if (inHand !== null) {
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
    n: () => document.getElementById(noteFieldId)?.focus(),
    1: () => setWhich('all'),
    2: () => setWhich('mine'),
    3: () => setWhich('unassigned'),
    4: () => setWhich('mentioned'),
    f: () => {
      // At once, so that the field is there to take the focus.
      flushSync(() => setFiltering(true));
      document.getElementById(filterTextId)?.focus();
    },
    x: selection.id === null ? undefined : () => bulk.toggle(selection.id ?? ''),
  });

  return (
    <>
      <div className={classes.columns} data-selected={selected !== null || undefined} inert={resolving}>
        <AlertList
          view={which}
          sort={sort}
          counts={counts}
          filter={filter}
          filtering={filtering}
          onView={setWhich}
          onSort={setSort}
          onFiltering={setFiltering}
          marked={bulk.marked}
          onMark={bulk.toggle}
          above={
            <>
              {filtering && (
                <FilterPanel
                  filter={filter}
                  alerts={inView}
                  onChange={setFilter}
                  onSave={(name) => kept.save({ name, view: which, filter })}
                  onClose={() => setFiltering(false)}
                />
              )}
              {kept.saved.length > 0 && (
                <SavedFilterBar
                  saved={kept.saved}
                  counts={keptCounts}
                  view={which}
                  filter={filter}
                  onChoose={(one) => {
                    setWhich(one.view);
                    setFilter(one.filter);
                  }}
                  onRemove={kept.remove}
                />
              )}
            </>
          }
          below={<BulkBar bulk={bulk} agent={agent} listed={alerts.length} onResolve={() => setResolvingMarked(true)} />}
          alerts={alerts}
          waiting={waiting}
          openCount={view.desk.open.size}
          beyond={view.desk.beyond}
          loading={view.desk.sequence === null}
          selectedId={selection.id}
          agent={agent}
          onSelect={selection.select}
          onTouch={touch}
          onScrolled={scrolled}
          onRelease={showAll}
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
                onSnooze={snooze}
                onAssign={assign}
                onNote={addNote}
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
      <ResolveDialog
        opened={resolving}
        subject={resolvingMany ? texts.bulk.marked(bulk.marked.size) : selected === null ? '' : alertTitle(texts, selected)}
        onClose={closeResolve}
        onClosed={() => heading.current?.focus()}
        onResolve={resolve}
      />
    </>
  );
}
