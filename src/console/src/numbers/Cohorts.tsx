import type { ReactNode } from 'react';
import type { Cohort } from '../api/numbers';
import { Table } from '../app/Page';
import { formatNumber, formatPercent, region } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import classes from './NumbersPage.module.css';
import page from '../app/Page.module.css';

/** Shades of the matrix: the share in tenths decides, the number says it. */
const shades = 5;

/** The retention matrix: one row for those who came in a month, one column for each month after it. */
export function Cohorts({ cohorts }: { readonly cohorts: readonly Cohort[] }): ReactNode {
  const texts = useTexts();
  const words = texts.numbers;
  const columns = Math.max(...cohorts.map((cohort) => cohort.retention.length));
  const month = new Intl.DateTimeFormat(region(texts), { year: 'numeric', month: 'short', timeZone: 'UTC' });
  const monthName = (name: string): string => (/^\d{4}-\d{2}$/.test(name) ? month.format(new Date(`${name}-01T00:00:00Z`)) : name);
  return (
    <Table caption={words.cohorts}>
      <thead>
        <tr>
          <th scope="col">{words.cohort}</th>
          <th scope="col" className={page.number}>
            {words.size}
          </th>
          {Array.from({ length: columns }, (_, index) => (
            <th key={index} scope="col" className={page.number}>
              {words.month(index)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {cohorts.map((cohort) => (
          <tr key={cohort.month}>
            <th scope="row" className={page.nowrap}>
              {monthName(cohort.month)}
            </th>
            <td className={page.number}>{formatNumber(texts, cohort.customers)}</td>
            {Array.from({ length: columns }, (_, index) => {
              const share = cohort.retention[index];
              return (
                <td key={index} className={`${page.number} ${classes.cell}`} data-shade={share == null ? undefined : Math.ceil(share * shades)}>
                  {share == null ? '' : formatPercent(texts, share)}
                </td>
              );
            })}
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
