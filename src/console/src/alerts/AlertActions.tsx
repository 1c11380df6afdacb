import { Button, Menu } from '@mantine/core';
import { useRef, useState, type ReactNode } from 'react';
import type { Alert } from '../api/alerts';
import { Notice } from '../app/Notice';
import { useShortcuts } from '../app/shortcuts';
import { useTexts } from '../i18n/texts';
import { Colleagues } from './Colleagues';
import { snoozes, type Snooze } from './snooze';
import type { CommandName, CommandState } from './useCommands';
import classes from './AlertDetail.module.css';

export interface AlertActionsProps {
  readonly alert: Alert;
  /** Nothing is left to do. */
  readonly finished: boolean;
  readonly agent: string | null;
  /** Whether this agent may act on it; false while a colleague has it. */
  readonly allowed: boolean;
  readonly state: CommandState;
  readonly onClaim: () => void;
  readonly onRelease: () => void;
  readonly onResolve: () => void;
  readonly onSnooze: (snooze: Snooze) => void;
  readonly onAssign: (agent: string) => void;
  readonly onDismiss: () => void;
}

export function AlertActions(props: AlertActionsProps): ReactNode {
  const { alert, agent, state } = props;
  const texts = useTexts();
  const claimed = alert.claimedBy !== null;
  const mine = claimed && alert.claimedBy === agent;
  const [choosing, setChoosing] = useState<'Snooze' | 'Assign' | null>(null);
  const bar = useRef<HTMLDivElement>(null);
  const choose = (menu: 'Snooze' | 'Assign'): void => {
    // A menu whose button is out of sight would not be shown.
    bar.current?.scrollIntoView({ block: 'nearest' });
    setChoosing(menu);
  };
  const canChoose = !props.finished && props.allowed;
  useShortcuts({ s: canChoose ? () => choose('Snooze') : undefined, a: canChoose ? () => choose('Assign') : undefined });
  const action = (name: CommandName, key: string, label: string, filled: boolean, run: () => void): ReactNode => (
    <Button
      onClick={run}
      loading={state.pending === name}
      disabled={state.pending !== null}
      variant={filled ? 'filled' : 'default'}
      rightSection={<Key name={key} />}
    >
      {label}
    </Button>
  );
  const menu = (name: 'Snooze' | 'Assign', key: string, label: string, items: ReactNode): ReactNode => (
    <Menu position="bottom-start" opened={choosing === name} onChange={(opened) => setChoosing(opened ? name : null)}>
      <Menu.Target>
        <Button variant="default" loading={state.pending === name} disabled={state.pending !== null} rightSection={<Key name={key} />}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>{items}</Menu.Dropdown>
    </Menu>
  );
  return (
    <>
      {!props.finished &&
        (props.allowed ? (
          <div ref={bar} className={classes.actions}>
            {!mine && action('Claim', 'C', texts.commands.claim, !claimed, props.onClaim)}
            {action('Resolve', 'R', texts.commands.resolveMore, mine, props.onResolve)}
            {menu(
              'Snooze',
              'S',
              texts.commands.snooze,
              snoozes.map((snooze) => (
                <Menu.Item key={snooze} onClick={() => props.onSnooze(snooze)}>
                  {texts.commands.snoozes[snooze]}
                </Menu.Item>
              )),
            )}
            {menu('Assign', 'A', texts.commands.assign, <Colleagues except={agent} onChoose={props.onAssign} />)}
            {claimed && action('Release', 'U', texts.commands.release, false, props.onRelease)}
          </div>
        ) : (
          <p className={classes.held}>{texts.alerts.heldBy(alert.claimedBy ?? texts.alerts.someone)}</p>
        ))}
      {state.problem !== null && (
        <div className={classes.problem}>
          <Notice tone="warn" onClose={props.onDismiss}>
            {state.problem}
          </Notice>
        </div>
      )}
    </>
  );
}

/** The key that does the same; said to screen readers by the overview of shortcuts, not here. */
function Key({ name }: { readonly name: string }): ReactNode {
  return (
    <kbd className={classes.key} aria-hidden="true">
      {name}
    </kbd>
  );
}
