import type { ReactNode } from 'react';
import type { Customer } from '../api/customers';
import { asText } from '../api/read';
import { Tag } from '../app/Page';
import { Link } from '../app/router';
import { useNow } from '../app/useNow';
import { formatDate, formatMoney, formatNumber, formatPercent } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { CustomerCurves } from './CustomerCurves';
import { OfferNow } from './OfferNow';
import { RiskMeter } from './RiskMeter';
import classes from './CustomerPage.module.css';
import page from '../app/Page.module.css';

/** Traits listed; a shop may send hundreds. */
const traitsMax = 40;

export function CustomerOverview({ id, customer }: { readonly id: string; readonly customer: Customer }): ReactNode {
  const texts = useTexts();
  const [words, more] = [texts.customer, texts.profile];
  const now = useNow(30_000);
  const number = (value: number | null, digits = 0): string | null => (value === null ? null : formatNumber(texts, value, digits));
  const traits = Object.entries(customer.traits).slice(0, traitsMax);
  const answers = [
    [more.csat, number(customer.csat, 1)],
    [more.nps, number(customer.nps, 1)],
    [more.ces, number(customer.ces, 1)],
    [more.rating, number(customer.rating, 1)],
  ] as const;
  return (
    <div className={classes.overview}>
      <div className={classes.column}>
        <section className={page.card}>
          <CustomerCurves id={id} customer={customer} />
        </section>
        {customer.reasons.length > 0 && (
          <Card title={more.why}>
            <ul className={classes.list}>
              {customer.reasons.map((reason, index) => (
                <li key={index}>{reason}</li>
              ))}
            </ul>
          </Card>
        )}
        {traits.length > 0 && (
          <Card title={more.traits}>
            <Rows rows={traits.map(([name, value]) => [name, asText(value)])} />
          </Card>
        )}
      </div>
      <div className={classes.column}>
        <OfferNow offer={customer.nextBestOffer} now={now} as="h2" className={page.card} />
        <Card title={words.risk}>
          {customer.risk === null ? <p className={page.dimmed}>{texts.page.none}</p> : <RiskMeter customer={customer} now={now} />}
          <Rows rows={[[words.alive, customer.probabilityAlive === null ? null : formatPercent(texts, customer.probabilityAlive)]]} />
        </Card>
        <Card title={words.value}>
          <Rows
            rows={[
              [words.orders, number(customer.orders)],
              [words.revenue, customer.revenue.map((money) => formatMoney(texts, money)).join(' + ') || null],
              [words.averageOrder, customer.averageOrder && formatMoney(texts, customer.averageOrder)],
              [words.predicted, number(customer.predictedOrders90d, 2)],
              [words.clv, customer.clv && formatMoney(texts, customer.clv)],
            ]}
          />
        </Card>
        <Card title={more.openAlerts}>
          {customer.openAlerts.length === 0 ? (
            <p className={page.dimmed}>{more.noAlerts}</p>
          ) : (
            <ul className={classes.list}>
              {customer.openAlerts.map((alert) => (
                <li key={alert}>
                  <Link className={page.link} to={`/alerts/${encodeURIComponent(alert)}`}>
                    {alert}
                  </Link>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card title={more.points}>
          <Rows
            rows={[
              [more.available, number(customer.available)],
              [more.pending, number(customer.pending)],
              [more.held, number(customer.held)],
            ]}
          />
          {customer.expiring.map((lot) => (
            <p key={lot.at} className={page.small}>
              {more.expires(formatNumber(texts, lot.points), formatDate(texts, lot.at))}
            </p>
          ))}
          {customer.nextTier !== null && customer.tierNeeded !== null && (
            <p className={page.small}>{more.nextTier(customer.nextTier, formatNumber(texts, customer.tierNeeded))}</p>
          )}
        </Card>
        <Card title={more.feedback}>
          {answers.every(([, value]) => value === null) ? <p className={page.dimmed}>{more.noFeedback}</p> : <Rows rows={answers} />}
        </Card>
        <Card title={more.consent}>
          {customer.consent.length === 0 ? (
            <p className={page.dimmed}>{more.noConsent}</p>
          ) : (
            <ul className={classes.list}>
              {customer.consent.map((consent) => (
                <li key={`${consent.purpose} ${consent.channel}`}>
                  <span>
                    {consent.purpose}
                    <span className={page.dimmed}> · {consent.channel === '*' ? more.allChannels : consent.channel}</span>
                  </span>
                  <Tag tone={consent.granted ? 'good' : 'plain'}>{consent.granted ? more.granted : more.refused}</Tag>
                </li>
              ))}
            </ul>
          )}
        </Card>
        <Card title={more.identities}>
          <ul className={classes.list}>
            {customer.identities.map((identity) => (
              <li key={identity}>{identity}</li>
            ))}
          </ul>
          {(customer.firstCampaign !== null || customer.lastCampaign !== null) && (
            <Rows
              rows={[
                [more.first, customer.firstCampaign],
                [more.last, customer.lastCampaign],
              ]}
            />
          )}
        </Card>
      </div>
    </div>
  );
}

function Card(props: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section className={page.card}>
      <h2 className={page.section}>{props.title}</h2>
      {props.children}
    </section>
  );
}

/** Names and values; those without a value are left out. */
function Rows({ rows }: { readonly rows: readonly (readonly [string, string | null])[] }): ReactNode {
  return (
    <ul className={classes.list}>
      {rows.map(([name, value]) =>
        value === null ? null : (
          <li key={name}>
            <span className={page.dimmed}>{name}</span>
            <span>{value}</span>
          </li>
        ),
      )}
    </ul>
  );
}
