import type { ReactNode } from 'react';
import type { Estimate, TrialGroup, Uplift } from '../api/supervise';
import { Notice } from '../app/Notice';
import { Table } from '../app/Page';
import { formatMoney, formatNumber, formatPercent } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import page from '../app/Page.module.css';

/** Customers of whom agents were told, against those of whom, by lot, they were not. */
export function UpliftReport({ uplift }: { readonly uplift: Uplift }): ReactNode {
  const texts = useTexts();
  const words = texts.supervise;
  const share = (value: number): string => formatPercent(texts, value);
  const money = (amount: number): string => formatMoney(texts, { amount, currency: uplift.currency });
  const between = (estimate: Estimate | null, format: (value: number) => string): string =>
    estimate === null ? texts.page.none : words.interval(format(estimate.value), format(estimate.low), format(estimate.high));
  const row = (name: string, group: TrialGroup): ReactNode => (
    <tr>
      <th scope="row">{name}</th>
      <td className={page.number}>{formatNumber(texts, group.customers)}</td>
      <td className={page.number}>{formatNumber(texts, group.running)}</td>
      <td className={page.number}>{formatNumber(texts, group.returned)}</td>
      <td className={page.number}>{between(group.returnRate, share)}</td>
      <td className={page.number}>{group.revenuePerCustomer === null ? texts.page.none : money(group.revenuePerCustomer)}</td>
    </tr>
  );
  return (
    <>
      <p className={page.lead}>{words.upliftLead(uplift.horizonDays)}</p>
      {uplift.share === 0 ? (
        <Notice tone="info">{words.noGroup}</Notice>
      ) : (
        <Table caption={words.uplift}>
          <thead>
            <tr>
              <th scope="col">{words.group}</th>
              {[words.customers, words.running, words.returned, words.returnRate, words.revenue].map((head) => (
                <th key={head} scope="col" className={page.number}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {row(words.treated, uplift.treated)}
            {row(words.control, uplift.control)}
            <tr>
              <th scope="row">{words.difference}</th>
              <td />
              <td />
              <td />
              <td className={page.number}>{between(uplift.returnRate, share)}</td>
              <td className={page.number}>{between(uplift.revenue, money)}</td>
            </tr>
          </tbody>
        </Table>
      )}
      {uplift.share > 0 && <p className={page.small}>{words.confidence(share(uplift.confidence), share(uplift.share))}</p>}
    </>
  );
}
