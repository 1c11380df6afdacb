import type { ReactNode } from 'react';
import type { Customer } from '../api/customers';
import { formatDate, formatInstant, formatPercent, formatRelative } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import classes from './RiskMeter.module.css';

/** Default horizon of the churn model, in days. */
const defaultHorizon = 90;

/** How likely the customer is to stay away, with the thresholds and when they are reached. */
export function RiskMeter({ customer, now }: { readonly customer: Customer; readonly now: number }): ReactNode {
  const texts = useTexts();
  const words = texts.customer;
  const risk = Math.min(1, Math.max(0, customer.risk ?? 0));
  const reached = customer.crossesAt.filter((crossing) => crossing.threshold <= risk).length;
  const level = reached === 0 ? (risk >= 0.75 ? 'high' : 'calm') : 'high';
  return (
    <section className={classes.meter} aria-label={words.risk}>
      <div className={classes.line}>
        <span>{words.risk}</span>
        <strong className={classes.value} data-level={level}>
          {formatPercent(texts, risk)}
        </strong>
      </div>
      {/* Attributes, not a style text: the policy refuses inline styles. */}
      <svg className={classes.bar} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect className={classes.track} width="100" height="6" rx="1" />
        <rect className={classes.fill} data-level={level} width={risk * 100} height="6" rx="1" />
        {customer.crossesAt.map((crossing) => (
          <rect key={crossing.threshold} className={classes.mark} x={crossing.threshold * 100 - 0.4} width="0.8" height="6" />
        ))}
      </svg>
      <p className={classes.hint}>{words.riskHint(customer.horizonDays ?? defaultHorizon)}</p>
      {customer.crossesAt.map((crossing) => (
        <p key={crossing.threshold} className={classes.crossing}>
          <span>
            {Date.parse(crossing.at) <= now
              ? words.crossed(formatPercent(texts, crossing.threshold))
              : words.crosses(formatPercent(texts, crossing.threshold))}
          </span>
          <time
            className={classes.date}
            dateTime={crossing.at}
            title={`${formatInstant(texts, crossing.at)} (${formatRelative(texts, crossing.at, now)})`}
          >
            {formatDate(texts, crossing.at)}
          </time>
        </p>
      ))}
    </section>
  );
}
