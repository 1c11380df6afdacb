import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { getTimelinePage, type Page, type TimelineEntry } from '../api/customers';
import { Failure, Table } from '../app/Page';
import { useNow } from '../app/useNow';
import { usePages } from '../app/usePages';
import { formatInstant, formatSpan } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { EntryName } from './EntryName';
import { PhaseTag } from './PhaseTag';
import page from '../app/Page.module.css';

export interface PhaseStay {
  readonly phase: string;
  readonly from: string;
  /** Null while the customer is in it. */
  readonly to: string | null;
  /** What brought the customer there. */
  readonly entry: TimelineEntry;
}

/** The phases in a timeline, both the newest first. */
export function phasesIn(entries: readonly TimelineEntry[]): readonly PhaseStay[] {
  const stays: PhaseStay[] = [];
  for (const entry of entries) {
    for (const outcome of entry.outcomes.toReversed()) {
      if (outcome.startsWith('phase ') && entry.time !== null) {
        stays.push({ phase: outcome.slice('phase '.length), from: entry.time, to: stays.at(-1)?.from ?? null, entry });
      }
    }
  }
  return stays;
}

/** Where the customer stood, from when to when, and why. */
export function CustomerPhases({ id }: { readonly id: string }): ReactNode {
  const texts = useTexts();
  const words = texts.phases;
  const { http } = useSession();
  const now = useNow(30_000);
  const entries = usePages<TimelineEntry, Page<TimelineEntry>>(`${id} phases`, (before, signal) => getTimelinePage(http, id, before, signal, 500));
  const stays = phasesIn(entries.items);
  return (
    <>
      {entries.error !== null && <Failure error={entries.error} onRetry={entries.reload} />}
      {entries.head !== null && stays.length === 0 && <p className={page.empty}>{texts.timeline.none}</p>}
      {stays.length > 0 && (
        <Table caption={words.table}>
          <thead>
            <tr>
              <th scope="col">{words.columns.phase}</th>
              <th scope="col">{words.columns.from}</th>
              <th scope="col">{words.columns.to}</th>
              <th scope="col" className={page.number}>
                {words.columns.span}
              </th>
              <th scope="col">{words.columns.why}</th>
            </tr>
          </thead>
          <tbody>
            {stays.map((stay, index) => (
              <tr key={index}>
                <th scope="row">
                  <PhaseTag phase={stay.phase} />
                </th>
                <td className={page.nowrap}>{formatInstant(texts, stay.from)}</td>
                <td className={page.nowrap}>{stay.to === null ? words.now : formatInstant(texts, stay.to)}</td>
                <td className={page.number}>
                  {formatSpan(texts, (stay.to === null ? now : Date.parse(stay.to)) - Date.parse(stay.from))}
                </td>
                <td>
                  <EntryName entry={stay.entry} />
                </td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {entries.hasMore && (
        <div className={page.after}>
          <Button variant="default" loading={entries.loading} onClick={entries.more}>
            {words.older}
          </Button>
          <span className={page.dimmed}>{words.part}</span>
        </div>
      )}
    </>
  );
}
