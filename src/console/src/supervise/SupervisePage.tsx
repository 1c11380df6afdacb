import { NativeSelect, Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { getDeskLoad, getDeskReport, getUplift } from '../api/supervise';
import { Failure, Page } from '../app/Page';
import { usePreference } from '../app/preference';
import { useNow } from '../app/useNow';
import { useResource } from '../customers/useResource';
import { formatInstant } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { Load } from './Load';
import { Report } from './Report';
import { UpliftReport } from './UpliftReport';
import page from '../app/Page.module.css';
import classes from './SupervisePage.module.css';

const periods = ['week', 'month', 'quarter'] as const;
const days = { week: 7, month: 30, quarter: 90 } as const;

/** How often what lies on the desk is asked for again, in milliseconds. */
const loadEvery = 10_000;

const day = 86_400_000;

/** The desk that the console shows. */
const desk = 'default';

/** What lies on the desk and on whom, how alerts were dealt with, and whether telling agents helps. */
export function SupervisePage(): ReactNode {
  const texts = useTexts();
  const words = texts.supervise;
  const { http } = useSession();
  const [period, setPeriod] = usePreference('supervised', periods);
  const load = useResource('load', [useNow(loadEvery)], (signal) => getDeskLoad(http, desk, signal));
  const report = useResource(period, [], (signal) => getDeskReport(http, new Date(Date.now() - days[period] * day), signal));
  const uplift = useResource('uplift', [], (signal) => getUplift(http, signal));
  const waiting = (error: unknown): ReactNode => error === null && <Skeleton height={160} aria-hidden="true" />;
  return (
    <Page title={words.title} lead={words.lead}>
      <div className={classes.stack}>
        <h2 className={page.section}>{words.load}</h2>
        {load.error !== null && <Failure error={load.error} onRetry={load.reload} />}
        {load.data !== null ? <Load load={load.data} /> : waiting(load.error)}

        <div className={page.bar}>
          <NativeSelect
            label={words.period}
            value={period}
            onChange={(event) => setPeriod(periods.find((known) => known === event.currentTarget.value) ?? 'week')}
            data={periods.map((known) => ({ value: known, label: words.periods[known] }))}
          />
        </div>
        {report.error !== null && <Failure error={report.error} onRetry={report.reload} />}
        {report.data !== null ? <Report report={report.data} /> : waiting(report.error)}

        <h2 className={page.section}>{words.uplift}</h2>
        {uplift.error !== null && <Failure error={uplift.error} onRetry={uplift.reload} />}
        {uplift.data !== null ? <UpliftReport uplift={uplift.data} /> : waiting(uplift.error)}
        {load.data?.asOf != null && <p className={page.small}>{texts.page.asOf(formatInstant(texts, load.data.asOf))}</p>}
      </div>
    </Page>
  );
}
