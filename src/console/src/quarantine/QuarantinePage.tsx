import { Button, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { getQuarantine, replayCode, replayItem, type Quarantine, type QuarantinedItem } from '../api/quarantine';
import { Notice } from '../app/Notice';
import { Failure, failureText, Page, Table, Tag, type Tone } from '../app/Page';
import { usePages } from '../app/usePages';
import { formatInstant, formatNumber } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import classes from './QuarantinePage.module.css';
import page from '../app/Page.module.css';

const tones: Readonly<Record<string, Tone>> = { replayed: 'good', failed: 'critical' };

/** What could not be taken, why, and the way to send it in again. */
export function QuarantinePage(): ReactNode {
  const texts = useTexts();
  const words = texts.quarantine;
  const { http } = useSession();
  const [code, setCode] = useState('');
  const [typed, setTyped] = useState('');
  const [busy, setBusy] = useState<string | null>(null);
  const [said, setSaid] = useState<{ readonly tone: 'info' | 'warn'; readonly text: string } | null>(null);
  const list = usePages<QuarantinedItem, Quarantine>(code, (after, signal) => getQuarantine(http, code, after, signal));

  const run = async (what: string, ask: () => Promise<string | null>): Promise<void> => {
    setBusy(what);
    setSaid(null);
    try {
      const text = await ask();
      setSaid(text === null ? null : { tone: 'info', text });
    } catch (failure) {
      setSaid({ tone: 'warn', text: failureText(failure, texts.page) });
    }
    setBusy(null);
  };
  const replay = (item: QuarantinedItem): Promise<void> =>
    run(item.id, async () => {
      const now = await replayItem(http, item.id);
      list.replace((old) => old.id === item.id, now);
      return null;
    });
  const replayAll = (): Promise<void> =>
    run('all', async () => {
      const { replayed, failed } = await replayCode(http, code);
      list.reload();
      return words.replayed(replayed, failed);
    });

  return (
    <Page title={words.title} lead={words.lead}>
      <div className={page.bar}>
        <TextInput
          label={words.code}
          placeholder={words.allCodes}
          maxLength={100}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          onBlur={() => setCode(typed.trim())}
          onKeyDown={(event) => event.key === 'Enter' && setCode(typed.trim())}
        />
        {code !== '' && (
          <Button variant="default" loading={busy === 'all'} disabled={busy !== null} onClick={replayAll}>
            {words.replayAll(code)}
          </Button>
        )}
        <span className={page.spread} />
        {list.head !== null && <span className={page.dimmed}>{words.kept(formatNumber(texts, list.head.kept), list.head.dropped)}</span>}
      </div>
      {said !== null && (
        <Notice tone={said.tone} onClose={() => setSaid(null)}>
          {said.text}
        </Notice>
      )}
      {list.error !== null && <Failure error={list.error} onRetry={list.reload} />}
      {list.head !== null && list.items.length === 0 && <p className={page.empty}>{words.none}</p>}
      {list.items.length > 0 && (
        <Table caption={words.table}>
          <thead>
            <tr>
              <th scope="col">{words.columns.received}</th>
              <th scope="col">{words.columns.code}</th>
              <th scope="col">{words.columns.item}</th>
              <th scope="col">{words.columns.state}</th>
            </tr>
          </thead>
          <tbody>
            {list.items.map((item) => (
              <Item key={item.id} item={item} busy={busy} onReplay={() => void replay(item)} onCode={() => (setTyped(item.code), setCode(item.code))} />
            ))}
          </tbody>
        </Table>
      )}
      {list.hasMore && (
        <div className={page.after}>
          <Button variant="default" loading={list.loading} onClick={list.more}>
            {texts.page.more}
          </Button>
        </div>
      )}
    </Page>
  );
}

interface ItemProps {
  readonly item: QuarantinedItem;
  readonly busy: string | null;
  readonly onReplay: () => void;
  readonly onCode: () => void;
}

function Item({ item, busy, onReplay, onCode }: ItemProps): ReactNode {
  const texts = useTexts();
  const words = texts.quarantine;
  return (
    <tr>
      <td className={page.nowrap}>
        {item.receivedAt !== null && formatInstant(texts, item.receivedAt)}
        {item.times > 1 && <div className={page.dimmed}>{words.times(item.times)}</div>}
      </td>
      <td className={page.break}>
        <button type="button" className={classes.code} onClick={onCode}>
          {item.code}
        </button>
        <div className={page.dimmed}>{item.detail}</div>
      </td>
      <td className={classes.item}>
        {[item.call, item.messageId].filter((part) => part !== null).join(' · ')}
        <details className={classes.raw}>
          <summary>{words.raw}</summary>
          <pre tabIndex={0}>{item.raw}</pre>
          {!item.complete && <p className={page.small}>{words.cut}</p>}
        </details>
      </td>
      <td>
        <Tag tone={tones[item.status] ?? 'plain'}>{words.states[item.status] ?? item.status}</Tag>
        {item.status === 'failed' && item.outcome !== null && <p className={page.small}>{item.outcome}</p>}
        {item.status !== 'replayed' && (
          <div className={classes.action}>
            <Button size="xs" variant="default" loading={busy === item.id} disabled={busy !== null} onClick={onReplay}>
              {words.replay}
            </Button>
          </div>
        )}
      </td>
    </tr>
  );
}
