import { Button, Menu } from '@mantine/core';
import type { ReactNode } from 'react';
import { bulkMax } from '../api/alerts';
import { useTexts } from '../i18n/texts';
import { Colleagues } from './Colleagues';
import { snoozes, snoozeUntil } from './snooze';
import type { Bulk } from './useBulk';
import classes from './BulkBar.module.css';

interface BulkBarProps {
  readonly bulk: Bulk;
  readonly agent: string | null;
  /** How many could be marked. */
  readonly listed: number;
  readonly onResolve: () => void;
}

/** What can be done with the alerts that are marked, and what came of it. */
export function BulkBar({ bulk, agent, listed, onResolve }: BulkBarProps): ReactNode {
  const texts = useTexts();
  const words = texts.bulk;
  const { marked, busy, said, run } = bulk;
  if (marked.size === 0 && said === null) {
    return null;
  }
  const action = (label: string, onClick: () => void): ReactNode => (
    <Button size="compact-sm" variant="default" disabled={busy} onClick={onClick}>
      {label}
    </Button>
  );
  const menu = (label: string, items: ReactNode): ReactNode => (
    <Menu position="top-start">
      <Menu.Target>
        <Button size="compact-sm" variant="default" disabled={busy}>
          {label}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>{items}</Menu.Dropdown>
    </Menu>
  );
  return (
    <div className={classes.bar} role="group" aria-label={words.title}>
      {said !== null && (
        <p className={classes.said} role={said.failed ? 'alert' : 'status'} data-failed={said.failed || undefined}>
          {said.text}
        </p>
      )}
      <div className={classes.line}>
        <strong className={classes.count} role="status">
          {words.marked(marked.size)}
        </strong>
        {marked.size < Math.min(listed, bulkMax) && action(listed > bulkMax ? words.first(bulkMax) : words.all, bulk.markAll)}
        {action(marked.size === 0 ? texts.page.close : words.clear, bulk.clear)}
      </div>
      {marked.size > 0 && (
        <div className={classes.line}>
          {action(texts.commands.claim, () => void run({ action: 'claim' }))}
          {menu(
            texts.commands.snooze,
            snoozes.map((snooze) => (
              <Menu.Item key={snooze} onClick={() => void run({ action: 'snooze', until: snoozeUntil(snooze, new Date()).toISOString() })}>
                {texts.commands.snoozes[snooze]}
              </Menu.Item>
            )),
          )}
          {menu(texts.commands.assign, <Colleagues except={agent} onChoose={(to) => void run({ action: 'assign', agent: to })} />)}
          {action(texts.commands.release, () => void run({ action: 'release' }))}
          {action(texts.commands.resolveMore, onResolve)}
        </div>
      )}
    </div>
  );
}
