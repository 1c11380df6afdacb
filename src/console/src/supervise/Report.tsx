import type { ReactNode } from 'react';
import type { DeskReport, Tally } from '../api/supervise';
import { Table } from '../app/Page';
import { formatNumber, formatPercent, formatSpan } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { Tile, Tiles } from '../numbers/Tile';
import page from '../app/Page.module.css';

/** How the alerts of a period were dealt with. */
export function Report({ report }: { readonly report: DeskReport }): ReactNode {
  const texts = useTexts();
  const words = texts.supervise;
  const { total } = report;
  const number = (value: number): string => formatNumber(texts, value);
  const share = (value: number | null): string => (value === null ? texts.page.none : formatPercent(texts, value));
  const span = (value: number | null): string => (value === null ? texts.page.none : formatSpan(texts, value));
  const outcomes: Readonly<Record<string, string>> = texts.resolve.outcomes;
  const rows = (caption: string, head: string, items: readonly (readonly [string, Tally])[], nameOf: (name: string) => string): ReactNode => (
    <Table caption={caption}>
      <thead>
        <tr>
          <th scope="col">{head}</th>
          {[words.resolved, words.withdrawn, words.sla, words.missed, words.toClaim, words.toResolve].map((column) => (
            <th key={column} scope="col" className={page.number}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map(([name, tally]) => (
          <tr key={name}>
            <th scope="row">{nameOf(name)}</th>
            <td className={page.number}>{number(tally.resolved)}</td>
            <td className={page.number}>{number(tally.withdrawn)}</td>
            <td className={page.number}>{share(tally.share)}</td>
            <td className={page.number}>{number(tally.missed)}</td>
            <td className={page.number}>{span(tally.toClaim.p50)}</td>
            <td className={page.number}>{span(tally.toResolve.p50)}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
  return (
    <>
      <h2 className={page.section}>{words.sla}</h2>
      <Tiles>
        <Tile name={words.sla} value={share(total.share)} hint={words.slaHint(number(total.met), number(total.met + total.missed))} />
        <Tile name={words.resolved} value={number(total.resolved)} />
        <Tile name={words.withdrawn} value={number(total.withdrawn)} hint={words.withdrawnHint} />
        <Tile name={words.toClaim} value={span(total.toClaim.p50)} hint={words.nine(span(total.toClaim.p90))} />
        <Tile name={words.toResolve} value={span(total.toResolve.p50)} hint={words.nine(span(total.toResolve.p90))} />
      </Tiles>
      {report.kinds.length > 0 && rows(words.byKind, words.kind, report.kinds, (kind) => texts.alerts.kinds[kind] ?? kind)}
      {report.agents.length > 0 && rows(words.byAgent, words.agent, report.agents, (agent) => agent)}
      <h2 className={page.section}>{words.outcomes}</h2>
      {total.outcomes.length === 0 ? (
        <p className={page.empty}>{words.noOutcomes}</p>
      ) : (
        <Table caption={words.outcomes}>
          <thead>
            <tr>
              <th scope="col">{words.outcome}</th>
              <th scope="col" className={page.number}>
                {words.resolved}
              </th>
              <th scope="col" className={page.number}>
                {words.share}
              </th>
            </tr>
          </thead>
          <tbody>
            {total.outcomes.map(([outcome, times]) => (
              <tr key={outcome}>
                <th scope="row">{outcomes[outcome] ?? outcome}</th>
                <td className={page.number}>{number(times)}</td>
                <td className={page.number}>{share(total.resolved === 0 ? null : times / total.resolved)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </>
  );
}
