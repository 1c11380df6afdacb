import { Button, Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Alert } from '../api/alerts';
import { getCustomer, type Customer } from '../api/customers';
import { ApiError } from '../api/http';
import { asText } from '../api/read';
import { Notice } from '../app/Notice';
import { customerPath } from '../app/pages';
import { Link } from '../app/router';
import { useNow } from '../app/useNow';
import { When } from '../app/When';
import { formatDate, formatMoney, formatNumber, formatPercent, formatInstant } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { EntryName } from './EntryName';
import { bareId, customerKind, customerName } from './name';
import { OfferNow } from './OfferNow';
import { RiskMeter } from './RiskMeter';
import { useResource } from './useResource';
import { useTick } from './useTick';
import classes from './CustomerPanel.module.css';

/** How many of the newest interactions are listed. */
const recentMax = 20;

/** How often the profile is asked for again, in milliseconds: an offer, an order or a claim by the shop changes no alert. */
const renewal = 5000;

/** The profile of the customer an alert is about. Asked for again when the alert changes or the page reconnects, and every few seconds. */
export function CustomerPanel({ alert, connections }: { readonly alert: Alert; readonly connections: number }): ReactNode {
  const { http } = useSession();
  const tick = useTick(renewal);
  const profile = useResource(alert.customerId, [alert, connections, tick], (signal) =>
    getCustomer(http, alert.customerId, customerKind(alert.customerId, alert.customer), signal),
  );
  return (
    <div className={classes.panel} aria-busy={profile.loading}>
      {profile.data !== null ? (
        <Profile customer={profile.data} alert={alert} />
      ) : profile.error !== null ? (
        <Failure error={profile.error} onRetry={profile.reload} />
      ) : (
        <div aria-hidden="true">
          <Skeleton height={26} width="60%" mb="lg" />
          <Skeleton height={92} mb="md" />
          <Skeleton height={150} />
        </div>
      )}
    </div>
  );
}

function Failure({ error, onRetry }: { readonly error: unknown; readonly onRetry: () => void }): ReactNode {
  const texts = useTexts();
  const status = error instanceof ApiError ? error.status : 0;
  if (status === 404 || status === 410) {
    return <p className={classes.dimmed}>{status === 404 ? texts.customer.notFound : texts.customer.erased}</p>;
  }
  return (
    <Notice tone="warn">
      {texts.customer.failed}
      <Button size="xs" variant="default" onClick={onRetry}>
        {texts.shell.retry}
      </Button>
    </Notice>
  );
}

function Profile({ customer, alert }: { readonly customer: Customer; readonly alert: Alert }): ReactNode {
  const texts = useTexts();
  const now = useNow(10_000);
  const words = texts.customer;
  const name = customerName(alert.customerId, { ...alert.customer, traits: customer.traits });
  const email = asText(customer.traits['email']);
  const anonymous = customerKind(alert.customerId, alert.customer) === 'anonymous';
  const id = bareId(customer.id || alert.customerId);
  return (
    <>
      <div className={classes.head}>
        <h2 className={classes.name}>{anonymous && name === id ? words.anonymous : name}</h2>
        {email !== '' && email !== name && <p className={classes.dimmed}>{email}</p>}
        {(name !== id || anonymous) && <p className={classes.id}>{id}</p>}
        <Link className={classes.open} to={customerPath(alert.customerId, customerKind(alert.customerId, alert.customer))}>
          {words.open}
        </Link>
      </div>

      {customer.phase !== null && (
        <p className={classes.phase}>
          <span className={classes.phaseTag} data-phase={customer.phase}>
            {words.phases[customer.phase] ?? customer.phase}
          </span>
          {customer.phaseSince !== null && (
            <span className={classes.dimmed} title={formatInstant(texts, customer.phaseSince)}>
              {words.since(formatDate(texts, customer.phaseSince))}
            </span>
          )}
        </p>
      )}

      {customer.risk !== null && <RiskMeter customer={customer} now={now} />}

      <OfferNow offer={customer.nextBestOffer} now={now} as="h3" className={classes.offer} />

      <dl className={classes.facts}>
        <Fact name={words.orders} value={customer.orders === null ? null : formatNumber(texts, customer.orders)} />
        <Fact
          name={words.revenue}
          value={customer.revenue.length === 0 ? null : customer.revenue.map((money) => formatMoney(texts, money)).join(' + ')}
        />
        <Fact name={words.averageOrder} value={customer.averageOrder && formatMoney(texts, customer.averageOrder)} />
        <Fact name={words.clv} value={customer.clv && formatMoney(texts, customer.clv)} />
        <Fact
          name={words.predicted}
          value={customer.predictedOrders90d === null ? null : formatNumber(texts, customer.predictedOrders90d, 2)}
        />
        <Fact
          name={words.alive}
          hint={words.aliveHint}
          value={customer.probabilityAlive === null ? null : formatPercent(texts, customer.probabilityAlive)}
        />
        <Fact name={words.loyalty} value={customer.balance === null ? null : formatNumber(texts, customer.balance)} />
        <Fact name={words.tier} value={customer.tier} />
        <Fact name={words.owner} value={customer.owner} />
      </dl>

      <h3 className={classes.section}>{words.recent}</h3>
      {customer.recent.length === 0 ? (
        <p className={classes.dimmed}>{words.noRecent}</p>
      ) : (
        <ol className={classes.recent}>
          {customer.recent.slice(0, recentMax).map((entry, index) => (
            <li key={entry.id === '' ? index : entry.id}>
              <span className={classes.entry}>
                <EntryName entry={entry} />
              </span>
              {entry.time !== null && (
                <span className={classes.time}>
                  <When instant={entry.time} now={now} />
                </span>
              )}
              {entry.summary !== null && <span className={classes.summary}>{entry.summary}</span>}
            </li>
          ))}
        </ol>
      )}
      {customer.asOf !== null && <p className={classes.asOf}>{words.asOf(formatInstant(texts, customer.asOf))}</p>}
    </>
  );
}

function Fact(props: { readonly name: string; readonly value: string | null; readonly hint?: string }): ReactNode {
  if (props.value === null) {
    return null;
  }
  return (
    <div className={classes.fact} title={props.hint}>
      <dt>{props.name}</dt>
      <dd>{props.value}</dd>
    </div>
  );
}
