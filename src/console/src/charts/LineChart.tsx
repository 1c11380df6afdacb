import { useElementSize } from '@mantine/hooks';
import { useState, type PointerEvent, type ReactNode } from 'react';
import { formatDate } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { nearest, place, ticksTo, type Point } from './scale';
import classes from './LineChart.module.css';

export interface Series {
  readonly name: string;
  readonly points: readonly Point[];
}

export interface Threshold {
  readonly name: string;
  readonly value: number;
  /** When the first curve reaches it; later than now if that is only expected. */
  readonly at: number | null;
}

interface LineChartProps {
  readonly name: string;
  readonly series: readonly Series[];
  readonly thresholds?: readonly Threshold[];
  /** What lies to the right of it is expected, not known. */
  readonly now: number;
  readonly max?: number;
  readonly format: (value: number) => string;
}

const height = 210;
const edge = { left: 62, right: 14, top: 12, bottom: 26 };
const widthBefore = 560;

/** Curves over time, with the same numbers as a table for whoever does not see them. */
export function LineChart({ name, series, thresholds = [], now, max, format }: LineChartProps): ReactNode {
  const texts = useTexts();
  const { ref, width: measured } = useElementSize();
  const [looked, setLooked] = useState<number | null>(null);
  const points = series.flatMap((one) => one.points);
  const [first, last] = [Math.min(...points.map((point) => point.at)), Math.max(...points.map((point) => point.at))];
  const width = measured === 0 ? widthBefore : measured;
  const ticks = ticksTo(max ?? Math.max(...points.map((point) => point.value)));
  const top = ticks.at(-1) ?? 1;
  const x = (at: number): number => place(at, first, last, edge.left, width - edge.left - edge.right);
  const y = (value: number): number => place(value, 0, top, height - edge.bottom, -(height - edge.bottom - edge.top));
  const date = (at: number): string => formatDate(texts, new Date(at).toISOString());

  const onPointerMove = (event: PointerEvent<SVGSVGElement>): void => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left - edge.left) / (width - edge.left - edge.right);
    setLooked(nearest(points, first + share * (last - first))?.at ?? null);
  };
  const shown = looked ?? Math.min(last, now);
  const known = [first + (last - first) / 2, last];

  return (
    <figure className={classes.chart}>
      <figcaption className={classes.caption}>
        <span className={classes.name}>{name}</span>
        <span className={classes.legend}>
          {series.map((one, index) => (
            <span key={one.name} className={classes.key} data-series={index}>
              <svg width="18" height="8" aria-hidden="true">
                <line className={classes.line} data-series={index} x1="0" x2="18" y1="4" y2="4" />
              </svg>
              {one.name} <strong>{format(nearest(one.points, shown)?.value ?? 0)}</strong>
            </span>
          ))}
          <span className={classes.when}>{date(nearest(points, shown)?.at ?? shown)}</span>
        </span>
      </figcaption>
      <div ref={ref} className={classes.frame}>
        <svg
          width={width}
          height={height}
          role="img"
          aria-label={texts.profile.chartOf(name, date(first), date(last))}
          onPointerMove={onPointerMove}
          onPointerLeave={() => setLooked(null)}
        >
          {ticks.map((tick) => (
            <g key={tick}>
              <line className={classes.grid} x1={edge.left} x2={width - edge.right} y1={y(tick)} y2={y(tick)} />
              <text className={classes.tick} x={edge.left - 8} y={y(tick) + 4} textAnchor="end">
                {format(tick)}
              </text>
            </g>
          ))}
          {[first, ...known].map((at, index) => (
            <text key={index} className={classes.tick} x={x(at)} y={height - 8} textAnchor={index === 0 ? 'start' : index === 1 ? 'middle' : 'end'}>
              {date(at)}
            </text>
          ))}
          {last > now && <line className={classes.now} x1={x(now)} x2={x(now)} y1={edge.top} y2={height - edge.bottom} />}
          {thresholds.map((threshold) => (
            <g key={threshold.name}>
              <line className={classes.threshold} x1={edge.left} x2={width - edge.right} y1={y(threshold.value)} y2={y(threshold.value)} />
              <text className={classes.thresholdName} x={edge.left + 6} y={y(threshold.value) - 5}>
                {threshold.name}
              </text>
              {threshold.at !== null && threshold.at >= first && threshold.at <= last && (
                <circle className={classes.crossing} cx={x(threshold.at)} cy={y(threshold.value)} r="5" />
              )}
            </g>
          ))}
          {series.map((one, index) => {
            const past = one.points.filter((point) => point.at <= now);
            const future = one.points.filter((point) => point.at >= (past.at(-1)?.at ?? 0));
            return (
              <g key={one.name}>
                <polyline className={classes.line} data-series={index} points={trace(past, x, y)} />
                {future.length > 1 && <polyline className={classes.line} data-series={index} data-expected="true" points={trace(future, x, y)} />}
              </g>
            );
          })}
          {looked !== null && <line className={classes.look} x1={x(looked)} x2={x(looked)} y1={edge.top} y2={height - edge.bottom} />}
        </svg>
      </div>
      <details className={classes.details}>
        <summary>{texts.page.asTable}</summary>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{texts.ledger.columns.time}</th>
              {series.map((one) => (
                <th key={one.name} scope="col">
                  {one.name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {[...new Set(points.map((point) => point.at))]
              .sort((a, b) => a - b)
              .map((at) => (
                <tr key={at}>
                  <th scope="row">{at > now ? `${date(at)} (${texts.profile.expected})` : date(at)}</th>
                  {series.map((one) => {
                    const point = one.points.find((candidate) => candidate.at === at);
                    return <td key={one.name}>{point === undefined ? texts.page.none : format(point.value)}</td>;
                  })}
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </figure>
  );
}

function trace(points: readonly Point[], x: (at: number) => number, y: (value: number) => number): string {
  return points.map((point) => `${x(point.at).toFixed(1)},${y(point.value).toFixed(1)}`).join(' ');
}
