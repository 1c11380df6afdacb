import type { ReactNode } from 'react';
import type { Compared, WhatIf, WhatIfNote } from '../api/program';
import { Notice } from '../app/Notice';
import { Table } from '../app/Page';
import { customerPath } from '../app/pages';
import { Link } from '../app/router';
import { bareId } from '../customers/name';
import { outcomeWords } from '../customers/outcomeWords';
import { formatDate, formatNumber, formatPercent } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import classes from './ProgramPage.module.css';
import page from '../app/Page.module.css';

/** Examples shown; the report may bring more. */
const examplesMax = 10;

/** What a candidate would have done to the history, beside what happened. */
export function WhatIfReport({ report }: { readonly report: WhatIf }): ReactNode {
  const texts = useTexts();
  const words = texts.program;
  const number = (value: number): string => formatNumber(texts, value);
  return (
    <section className={classes.report} aria-label={words.whatifTitle}>
      <h2 className={page.section}>{words.whatifTitle}</h2>
      <p className={page.lead} role="status">
        {words.whatifLead(number(report.customers), number(report.entries), number(report.changed))}
        {report.share < 1 && ` ${words.share(formatPercent(texts, report.share))}`}
      </p>
      {report.warnings.map((warning) => (
        <Notice key={warning} tone="warn">
          {warning}
        </Notice>
      ))}
      <Table caption={words.whatifTitle}>
        <thead>
          <tr>
            <th scope="col">{words.outcome}</th>
            <th scope="col" className={page.number}>
              {words.current}
            </th>
            <th scope="col" className={page.number}>
              {words.candidate}
            </th>
            <th scope="col" className={page.number}>
              {words.difference}
            </th>
          </tr>
        </thead>
        <tbody>
          {report.outcomes.map((row) => (
            <ComparedRow key={row.name} row={row} />
          ))}
        </tbody>
      </Table>
      {report.moves.length > 0 && (
        <>
          <h3 className={classes.part}>{words.moves}</h3>
          <ul>
            {report.moves.map((move) => (
              <li key={`${move.from} ${move.to}`}>
                {words.movesOf(texts.customer.phases[move.from] ?? move.from, texts.customer.phases[move.to] ?? move.to, number(move.customers))}
              </li>
            ))}
          </ul>
        </>
      )}
      {report.examples.length > 0 && (
        <>
          <h3 className={classes.part}>{words.examples}</h3>
          <Table caption={words.examples}>
            <thead>
              <tr>
                <th scope="col">{texts.customers.columns.customer}</th>
                <th scope="col">{words.current}</th>
                <th scope="col">{words.candidate}</th>
              </tr>
            </thead>
            <tbody>
              {report.examples.slice(0, examplesMax).map((example) => (
                <tr key={example.customer}>
                  <th scope="row">
                    <Link className={page.link} to={customerPath(example.customer, null)}>
                      {bareId(example.customer)}
                    </Link>
                  </th>
                  <td>
                    <Notes notes={example.current} />
                  </td>
                  <td>
                    <Notes notes={example.candidate} />
                  </td>
                </tr>
              ))}
            </tbody>
          </Table>
        </>
      )}
    </section>
  );
}

function ComparedRow({ row }: { readonly row: Compared }): ReactNode {
  const texts = useTexts();
  const difference = row.candidate - row.current;
  return (
    <tr>
      <th scope="row">{outcomeWords(texts, row.name)}</th>
      <td className={page.number}>{formatNumber(texts, row.current)}</td>
      <td className={page.number}>{formatNumber(texts, row.candidate)}</td>
      <td className={page.number}>
        {difference === 0 ? texts.page.none : <strong>{`${difference > 0 ? '+' : '−'}${formatNumber(texts, Math.abs(difference))}`}</strong>}
      </td>
    </tr>
  );
}

function Notes({ notes }: { readonly notes: readonly WhatIfNote[] }): ReactNode {
  const texts = useTexts();
  return (
    <ul className={classes.notes}>
      {notes.map((note, index) => (
        <li key={index}>
          {note.time !== null && <span className={page.dimmed}>{formatDate(texts, note.time)} </span>}
          {outcomeWords(texts, note.outcome)}
        </li>
      ))}
    </ul>
  );
}
