import { Skeleton } from '@mantine/core';
import type { ReactNode } from 'react';
import { getCustomer, type Customer } from '../api/customers';
import { ApiError } from '../api/http';
import { asText } from '../api/read';
import { ArrowLeftIcon } from '../app/icons';
import { Failure, Page } from '../app/Page';
import { customerPath } from '../app/pages';
import { Link } from '../app/router';
import { formatDate, formatInstant, formatMoney, formatNumber, formatPercent } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { CustomerLedger } from './CustomerLedger';
import { CustomerOverview } from './CustomerOverview';
import { CustomerPhases } from './CustomerPhases';
import { CustomerTimeline } from './CustomerTimeline';
import { bareId, customerKind, customerName } from './name';
import { PhaseTag } from './PhaseTag';
import { useResource } from './useResource';
import { useTick } from './useTick';
import classes from './CustomerPage.module.css';
import page from '../app/Page.module.css';

export const customerTabs = ['overview', 'timeline', 'ledger', 'phases'] as const;
export type CustomerTab = (typeof customerTabs)[number];

/** How often the profile is asked for again, in milliseconds: what a customer does is seen while he does it. */
const renewal = 2000;

/** Everything about one customer. */
export function CustomerPage({ id, tab }: { readonly id: string; readonly tab: CustomerTab }): ReactNode {
  const texts = useTexts();
  const { http } = useSession();
  const tick = useTick(renewal);
  const profile = useResource(id, [tick], (signal) => getCustomer(http, id, null, signal));
  const customer = profile.data;
  const back = (
    <Link to="/customers" className={classes.back}>
      <ArrowLeftIcon size={15} /> {texts.profile.back}
    </Link>
  );
  if (customer === null) {
    const status = profile.error instanceof ApiError ? profile.error.status : 0;
    return (
      <Page key="unknown" title={bareId(id)} aside={back}>
        {profile.error === null ? (
          <div className={classes.loading} aria-hidden="true">
            <Skeleton height={78} mb="md" />
            <Skeleton height={280} />
          </div>
        ) : status === 404 || status === 410 ? (
          <p className={page.lead}>{status === 404 ? texts.customer.notFound : texts.customer.erased}</p>
        ) : (
          <Failure error={profile.error} text={texts.customer.failed} onRetry={profile.reload} />
        )}
      </Page>
    );
  }

  const name = customerName(customer.id, { traits: customer.traits });
  const isAnonymous = customerKind(id, {}) === 'anonymous' || customer.identities.every((identity) => identity.startsWith('anonymous:'));
  return (
    <Page key="known" title={isAnonymous && name === bareId(customer.id) ? texts.customer.anonymous : name} aside={back}>
      <Head customer={customer} name={name} isAnonymous={isAnonymous} />
      <nav className={classes.tabs} aria-label={texts.profile.tabsLabel}>
        {customerTabs.map((known) => (
          <Link
            key={known}
            className={classes.tab}
            to={customerPath(id, null, known === 'overview' ? '' : known)}
            aria-current={known === tab ? 'page' : undefined}
          >
            {texts.profile.tabs[known]}
          </Link>
        ))}
      </nav>
      {tab === 'overview' && <CustomerOverview id={id} customer={customer} />}
      {tab === 'timeline' && <CustomerTimeline id={id} />}
      {tab === 'ledger' && <CustomerLedger id={id} />}
      {tab === 'phases' && <CustomerPhases id={id} />}
      {customer.asOf !== null && <p className={page.small}>{texts.page.asOf(formatInstant(texts, customer.asOf))}</p>}
    </Page>
  );
}

interface HeadProps {
  readonly customer: Customer;
  readonly name: string;
  readonly isAnonymous: boolean;
}

function Head({ customer, name, isAnonymous }: HeadProps): ReactNode {
  const texts = useTexts();
  const words = texts.customer;
  const email = asText(customer.traits['email']);
  const id = bareId(customer.id);
  const revenue = customer.revenue.map((money) => formatMoney(texts, money)).join(' + ');
  return (
    <>
      <p className={classes.who}>
        {(name !== id || isAnonymous) && <span>{id}</span>}
        {email !== '' && email !== name && <span>{email}</span>}
        {customer.segments.map((segment) => (
          <span key={segment} className={page.tag}>
            {segment}
          </span>
        ))}
      </p>
      <dl className={classes.head}>
        <Fact name={words.phase}>
          {customer.phase === null ? texts.page.none : <PhaseTag phase={customer.phase} />}
          {customer.phaseSince !== null && <span className={classes.sub}>{words.since(formatDate(texts, customer.phaseSince))}</span>}
        </Fact>
        <Fact name={words.risk}>
          {customer.risk === null ? texts.page.none : formatPercent(texts, customer.risk)}
          {customer.horizonDays !== null && <span className={classes.sub}>{words.riskHint(customer.horizonDays)}</span>}
        </Fact>
        <Fact name={words.revenue}>
          {revenue === '' ? texts.page.none : revenue}
          {customer.orders !== null && (
            <span className={classes.sub}>
              {words.orders}: {formatNumber(texts, customer.orders)}
            </span>
          )}
        </Fact>
        <Fact name={words.clv}>{customer.clv === null ? texts.page.none : formatMoney(texts, customer.clv)}</Fact>
        <Fact name={words.tier}>
          {customer.tier ?? texts.profile.noTier}
          {customer.balance !== null && (
            <span className={classes.sub}>
              {words.loyalty}: {formatNumber(texts, customer.balance)}
            </span>
          )}
        </Fact>
        <Fact name={words.owner}>{customer.owner ?? texts.profile.noOwner}</Fact>
      </dl>
    </>
  );
}

function Fact(props: { readonly name: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className={classes.fact}>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}
