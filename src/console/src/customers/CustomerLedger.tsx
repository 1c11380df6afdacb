import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { getLedger, type Ledger, type LedgerLine } from '../api/ledger';
import { Failure, Table } from '../app/Page';
import { usePages } from '../app/usePages';
import { formatInstant, formatNumber } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import classes from './CustomerPage.module.css';
import page from '../app/Page.module.css';

/** Every movement of a customer's points, with both its sides and the balance after it. */
export function CustomerLedger({ id }: { readonly id: string }): ReactNode {
  const texts = useTexts();
  const words = texts.ledger;
  const { http } = useSession();
  const lines = usePages<LedgerLine, Ledger>(id, (before, signal) => getLedger(http, id, before, signal));
  const account = (name: string): string => words.accounts[name] ?? name;
  return (
    <>
      <p className={page.lead}>{words.lead}</p>
      {lines.error !== null && <Failure error={lines.error} onRetry={lines.reload} />}
      {lines.head !== null && (
        <dl className={classes.accounts} aria-label={words.accountsTitle}>
          {lines.head.accounts.map(({ name, points }) => (
            <div key={name}>
              <dt>{account(name)}</dt>
              <dd>{formatNumber(texts, points)}</dd>
            </div>
          ))}
        </dl>
      )}
      {lines.head !== null && lines.items.length === 0 && <p className={page.empty}>{words.none}</p>}
      {lines.items.length > 0 && (
        <Table caption={words.table}>
          <thead>
            <tr>
              <th scope="col">{words.columns.time}</th>
              <th scope="col">{words.columns.reason}</th>
              <th scope="col">{words.columns.from}</th>
              <th scope="col">{words.columns.to}</th>
              <th scope="col" className={page.number}>
                {words.columns.points}
              </th>
              <th scope="col" className={page.number}>
                {words.columns.balance}
              </th>
              <th scope="col">{words.columns.entry}</th>
            </tr>
          </thead>
          <tbody>
            {lines.items.map((line, index) => (
              <tr key={index}>
                <td className={page.nowrap}>{line.time !== null && formatInstant(texts, line.time)}</td>
                <td>{line.reason === null ? texts.page.none : (words.reasons[line.reason] ?? line.reason)}</td>
                <td>{account(line.from)}</td>
                <td>{account(line.to)}</td>
                <td className={page.number}>{formatNumber(texts, line.points)}</td>
                <td className={page.number}>{line.balance === null ? texts.page.none : formatNumber(texts, line.balance)}</td>
                <td className={page.mono}>{line.entry}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      {lines.hasMore && (
        <div className={page.after}>
          <Button variant="default" loading={lines.loading} onClick={lines.more}>
            {texts.page.more}
          </Button>
        </div>
      )}
    </>
  );
}
