import { NativeSelect, Skeleton } from '@mantine/core';
import { useRef, type ReactNode } from 'react';
import { getCurve, type CurvePoint } from '../api/curve';
import type { Customer } from '../api/customers';
import { ApiError } from '../api/http';
import { Failure } from '../app/Page';
import { usePreference } from '../app/preference';
import { LineChart, type Threshold } from '../charts/LineChart';
import { formatMoneyRound, formatNumber, formatPercent } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { useResource } from './useResource';
import classes from './CustomerPage.module.css';
import page from '../app/Page.module.css';

/** How far an expected crossing may lie ahead to be drawn, in milliseconds; beyond it the past would shrink to nothing. */
const aheadMax = 120 * 86_400_000;

const day = 86_400_000;

/** How far back, in days; everything there is by default. */
const spans = ['all', 'quarter', 'year'] as const;
const days: Readonly<Record<string, number>> = { quarter: 91, year: 365 };

/** Risk and value over time. */
export function CustomerCurves({ id, customer }: { readonly id: string; readonly customer: Customer }): ReactNode {
  const texts = useTexts();
  const words = texts.profile;
  const { http } = useSession();
  const [span, setSpan] = usePreference('span', spans);
  const now = useRef(Date.now()).current;
  const length = days[span];
  const from = length === undefined ? null : new Date(now - length * day);
  const curves = useResource(`${id} ${span}`, [], (signal) => getCurve(http, id, from, signal));
  return (
    <>
      <div className={classes.curvesHead}>
        <h2 className={page.section}>{words.curves}</h2>
        <NativeSelect
          size="xs"
          aria-label={words.span}
          value={span}
          onChange={(event) => setSpan(spans.find((known) => known === event.currentTarget.value) ?? 'all')}
          data={spans.map((known) => ({ value: known, label: words.spans[known] }))}
        />
      </div>
      {curves.data !== null ? (
        <Drawn points={curves.data} customer={customer} />
      ) : curves.error !== null ? (
        <CurvesFailure error={curves.error} onRetry={curves.reload} />
      ) : (
        <div aria-hidden="true">
          <Skeleton height={210} mb="lg" />
          <Skeleton height={210} />
        </div>
      )}
    </>
  );
}

function CurvesFailure({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }): ReactNode {
  const words = useTexts().profile;
  const isLong = error instanceof ApiError && error.code === 'history_too_long';
  return isLong ? <p className={page.dimmed}>{words.curvesLong}</p> : <Failure error={error} text={words.curvesFailed} onRetry={onRetry} />;
}

function Drawn({ points, customer }: { readonly points: readonly CurvePoint[]; readonly customer: Customer }): ReactNode {
  const texts = useTexts();
  const words = texts.profile;
  const now = points.at(-1)?.at ?? 0;
  if (points.length < 2) {
    return <p className={page.dimmed}>{words.curvesShort}</p>;
  }
  const thresholds: readonly Threshold[] = customer.crossesAt.map((crossing) => ({
    name: `${words.crossings[crossing.name ?? ''] ?? ''} ${formatPercent(texts, crossing.threshold)}`.trim(),
    value: crossing.threshold,
    at: Date.parse(crossing.at),
  }));
  const ahead = thresholds.flatMap(({ at, value }) => (at !== null && at > now && at <= now + aheadMax ? [{ at, value }] : []));
  const currency = customer.clv?.currency ?? customer.averageOrder?.currency ?? customer.revenue[0]?.currency ?? null;
  const risk = points.flatMap((point) => (point.risk === null ? [] : [{ at: point.at, value: point.risk }]));
  const revenue = points.map((point) => ({ at: point.at, value: point.revenue.get(currency ?? '') ?? 0 }));
  const clv = points.map((point) => ({ at: point.at, value: point.clv?.currency === currency ? (point.clv?.amount ?? 0) : 0 }));
  return (
    <div className={classes.curves}>
      {risk.length > 1 && (
        <LineChart
          name={words.riskCurve}
          series={[{ name: words.riskCurve, points: [...risk, ...ahead] }]}
          thresholds={thresholds}
          now={now}
          max={1}
          format={(value) => formatPercent(texts, value)}
        />
      )}
      <LineChart
        name={words.valueCurve(currency ?? '')}
        series={[
          { name: words.revenue, points: revenue },
          { name: words.clv, points: clv },
        ]}
        now={now}
        format={(value) => (currency === null ? formatNumber(texts, value) : formatMoneyRound(texts, { amount: value, currency }))}
      />
    </div>
  );
}
