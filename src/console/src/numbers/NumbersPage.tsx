import { NativeSelect, Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { getCohorts, getSummary, type CohortBy, type Summary } from '../api/numbers';
import { Failure, Page, Table } from '../app/Page';
import { usePreference } from '../app/preference';
import { PhaseTag } from '../customers/PhaseTag';
import { useResource } from '../customers/useResource';
import { formatInstant, formatMoney, formatNumber, formatPercent } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { Cohorts } from './Cohorts';
import { Tile, Tiles } from './Tile';
import classes from './NumbersPage.module.css';
import page from '../app/Page.module.css';

const periods = ['all', 'year', 'quarter', 'month'] as const;
type PeriodName = (typeof periods)[number];
const months: Readonly<Record<Exclude<PeriodName, 'all'>, number>> = { month: 1, quarter: 3, year: 12 };
const bys = ['purchases', 'events'] as const satisfies readonly CohortBy[];

/** The phases in the order in which customers go through them. */
const phaseOrder = ['attention', 'orientation', 'purchase', 'bonding', 'loyalty', 'advocacy', 'recapture', 'lost'];

/** The first instant of the period, in whole months of UTC; null for everything. */
export function startOf(period: PeriodName, now: Date): Date | null {
  return period === 'all' ? null : new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - months[period] + 1, 1));
}

export function NumbersPage(): ReactNode {
  const texts = useTexts();
  const words = texts.numbers;
  const { http } = useSession();
  const [period, setPeriod] = usePreference('period', periods);
  const [by, setBy] = usePreference('cohorts', bys);
  const from = startOf(period, new Date());
  const summary = useResource(period, [], (signal) => getSummary(http, from, signal));
  const cohorts = useResource(`${period} ${by}`, [], (signal) => getCohorts(http, by, from, signal));
  return (
    <Page title={words.title} lead={words.lead}>
      <div className={page.bar}>
        <NativeSelect
          label={words.period}
          value={period}
          onChange={(event) => setPeriod(periods.find((known) => known === event.currentTarget.value) ?? 'all')}
          data={periods.toReversed().map((known) => ({ value: known, label: words.periods[known] }))}
        />
      </div>
      {summary.error !== null && <Failure error={summary.error} onRetry={summary.reload} />}
      {summary.data !== null ? <Numbers summary={summary.data} /> : summary.error === null && <Skeleton height={300} aria-hidden="true" />}

      <div className={classes.cohortsHead}>
        <div>
          <h2 className={page.section}>{words.cohorts}</h2>
          <p className={classes.sub}>{words.cohortsLead}</p>
        </div>
        <NativeSelect
          label={words.by}
          value={by}
          onChange={(event) => setBy(bys.find((known) => known === event.currentTarget.value) ?? 'purchases')}
          data={bys.map((known) => ({ value: known, label: words.bys[known] }))}
        />
      </div>
      {cohorts.error !== null && <Failure error={cohorts.error} onRetry={cohorts.reload} />}
      {cohorts.data !== null && (cohorts.data.length === 0 ? <p className={page.empty}>{words.noCohorts}</p> : <Cohorts cohorts={cohorts.data} />)}
      {summary.data !== null && summary.data.asOf !== null && <p className={page.small}>{texts.page.asOf(formatInstant(texts, summary.data.asOf))}</p>}
    </Page>
  );
}

function Numbers({ summary }: { readonly summary: Summary }): ReactNode {
  const texts = useTexts();
  const words = texts.numbers;
  const number = (value: number | null, digits = 0): string => (value === null ? texts.page.none : formatNumber(texts, value, digits));
  const share = (value: number | null): string => (value === null ? texts.page.none : formatPercent(texts, value));
  const revenue = summary.revenue.map((money) => formatMoney(texts, money)).join(' + ');
  const all = [...summary.phases.values()].reduce((sum, count) => sum + count, 0);
  const phases = [...summary.phases].sort(([a], [b]) => phaseOrder.indexOf(a) - phaseOrder.indexOf(b));
  return (
    <>
      <h2 className={page.section}>{words.inPeriod}</h2>
      <Tiles>
        <Tile name={words.active} value={number(summary.active)} />
        <Tile name={words.new} value={number(summary.new)} />
        <Tile name={words.buyers} value={number(summary.buyers)} />
        <Tile name={words.newBuyers} value={number(summary.newBuyers)} />
        <Tile name={words.retention} value={share(summary.retention)} hint={words.retentionHint} />
        <Tile name={words.churn} value={share(summary.churn)} />
      </Tiles>
      <h2 className={page.section}>{words.allTime}</h2>
      <Tiles>
        <Tile name={words.customers} value={number(summary.customers)} />
        <Tile name={words.orders} value={number(summary.orders)} />
        <Tile name={words.revenue} value={revenue === '' ? texts.page.none : revenue} />
        <Tile name={words.cltv} value={summary.cltv === null ? texts.page.none : formatMoney(texts, summary.cltv)} hint={words.cltvHint} />
        <Tile name={words.repeat} value={share(summary.repeatPurchase)} hint={words.repeatHint} />
        <Tile name={words.referral} value={share(summary.referralRate)} />
        <Tile name={words.csat} value={summary.csat === null ? texts.page.none : share(summary.csat / 100)} />
        <Tile name={words.nps} value={number(summary.nps, 1)} />
        <Tile name={words.ces} value={number(summary.ces, 2)} />
        <Tile name={words.liability} value={number(summary.pointsLiability)} />
        <Tile name={words.atRisk} value={number(summary.atRisk)} />
        <Tile name={words.openAlerts} value={number(summary.openAlerts)} />
      </Tiles>
      <h2 className={page.section}>{words.phases}</h2>
      <Table caption={words.phases}>
        <thead>
          <tr>
            <th scope="col">{words.phase}</th>
            <th scope="col" className={page.number}>
              {words.customers}
            </th>
            <th scope="col" className={page.number}>
              {words.share}
            </th>
            <th scope="col" className={classes.barCell}>
              <span className={classes.spoken}>{words.share}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {phases.map(([phase, count]) => (
            <tr key={phase}>
              <th scope="row">
                <PhaseTag phase={phase} />
              </th>
              <td className={page.number}>{number(count)}</td>
              <td className={page.number}>{share(all === 0 ? null : count / all)}</td>
              <td className={classes.barCell} aria-hidden="true">
                <svg className={classes.bar} viewBox="0 0 100 8" preserveAspectRatio="none">
                  <rect width={all === 0 ? 0 : (100 * count) / all} height="8" />
                </svg>
              </td>
            </tr>
          ))}
        </tbody>
      </Table>
    </>
  );
}
