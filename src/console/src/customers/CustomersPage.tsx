import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState, type ReactNode } from 'react';
import { customerSorts, searchCustomers, type CustomerFilter, type FoundCustomer, type FoundCustomers } from '../api/search';
import { Failure, Page, Table } from '../app/Page';
import { customerPath } from '../app/pages';
import { Link, navigate, useQuery } from '../app/router';
import { useNow } from '../app/useNow';
import { usePages } from '../app/usePages';
import { When } from '../app/When';
import { formatInstant, formatMoney, formatNumber, formatPercent } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { PhaseTag } from './PhaseTag';
import classes from '../app/Page.module.css';

/** Customers in one page of the search. */
const pageSize = 50;

/** Risks to choose from, in percent. */
const risks = [0, 25, 50, 75, 90];

/** Finds customers by what they are like. The filter is in the address, so that a list can be sent to a colleague. */
export function CustomersPage(): ReactNode {
  const texts = useTexts();
  const words = texts.customers;
  const { http } = useSession();
  const query = useQuery();
  const filter = readFilter(query);
  const found = usePages<FoundCustomer, FoundCustomers>(query, (after, signal) => searchCustomers(http, filter, after, pageSize, signal));
  const change = (part: Partial<CustomerFilter>): void => navigate(`/customers${writeFilter({ ...filter, ...part })}`, true);

  return (
    <Page title={words.title} lead={words.lead}>
      <div className={classes.bar} role="search" aria-label={words.title}>
        <NativeSelect
          label={words.phase}
          value={filter.phase}
          onChange={(event) => change({ phase: event.currentTarget.value })}
          data={[
            { value: '', label: words.any },
            ...Object.entries(texts.customer.phases).map(([value, label]) => ({ value, label })),
          ]}
        />
        <TypedFilter label={words.tier} placeholder={words.tierAny} value={filter.tier} onChange={(tier) => change({ tier })} />
        <NativeSelect
          label={words.risk}
          value={String(filter.minRisk)}
          onChange={(event) => change({ minRisk: Number(event.currentTarget.value) })}
          data={risks.map((percent) => ({ value: String(percent / 100), label: percent === 0 ? words.any : formatPercent(texts, percent / 100) }))}
        />
        <TypedFilter label={words.segment} placeholder={words.segmentAny} value={filter.segment} onChange={(segment) => change({ segment })} />
        <NativeSelect
          label={words.sort}
          value={filter.sort}
          onChange={(event) => change({ sort: customerSorts.find((sort) => sort === event.currentTarget.value) ?? 'lastSeen' })}
          data={customerSorts.map((sort) => ({ value: sort, label: words.sorts[sort] }))}
        />
        {query !== '' && (
          <Button variant="subtle" onClick={() => navigate('/customers', true)}>
            {words.clear}
          </Button>
        )}
      </div>
      {found.error !== null && <Failure error={found.error} onRetry={found.reload} />}
      {found.head !== null && (
        <>
          <div aria-busy={found.loading}>
            {found.items.length === 0 ? <p className={classes.empty}>{words.none}</p> : <Found items={found.items} />}
          </div>
          <div className={classes.after}>
            {found.hasMore && (
              <Button variant="default" loading={found.loading} onClick={found.more}>
                {texts.page.more}
              </Button>
            )}
            <span className={classes.dimmed} role="status">
              {words.shown(found.items.length, found.hasMore)}
              {found.head.asOf !== null && ` · ${texts.page.asOf(formatInstant(texts, found.head.asOf))}`}
            </span>
          </div>
        </>
      )}
    </Page>
  );
}

function Found({ items }: { readonly items: readonly FoundCustomer[] }): ReactNode {
  const texts = useTexts();
  const words = texts.customers.columns;
  const now = useNow(10_000);
  return (
    <Table caption={texts.customers.table}>
      <thead>
        <tr>
          <th scope="col">{words.customer}</th>
          <th scope="col">{words.phase}</th>
          <th scope="col">{words.tier}</th>
          <th scope="col" className={classes.number}>
            {words.risk}
          </th>
          <th scope="col" className={classes.number}>
            {words.orders}
          </th>
          <th scope="col" className={classes.number}>
            {words.revenue}
          </th>
          <th scope="col">{words.lastSeen}</th>
        </tr>
      </thead>
      <tbody>
        {items.map((customer) => (
          <tr key={`${customer.kind}:${customer.id}`}>
            <th scope="row" className={classes.break}>
              <Link className={classes.link} to={customerPath(customer.id, customer.kind)}>
                {customer.id}
              </Link>
              {customer.kind === 'anonymous' && <div className={classes.dimmed}>{texts.customer.anonymous}</div>}
            </th>
            <td>{customer.phase !== null && <PhaseTag phase={customer.phase} />}</td>
            <td>{customer.tier ?? texts.page.none}</td>
            <td className={classes.number}>{customer.risk === null ? texts.page.none : formatPercent(texts, customer.risk)}</td>
            <td className={classes.number}>{customer.orders === null ? texts.page.none : formatNumber(texts, customer.orders)}</td>
            <td className={classes.number}>{customer.revenue === null ? texts.page.none : formatMoney(texts, customer.revenue)}</td>
            <td className={classes.nowrap}>{customer.lastSeen !== null && <When instant={customer.lastSeen} now={now} />}</td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** A filter by a word that is typed; asked for when it is done, not with every letter. */
function TypedFilter(props: {
  readonly label: string;
  readonly placeholder: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
}): ReactNode {
  const [typed, setTyped] = useState<string | null>(null);
  const commit = (): void => {
    if (typed !== null && typed.trim() !== props.value) {
      props.onChange(typed.trim());
    }
    setTyped(null);
  };
  return (
    <TextInput
      label={props.label}
      placeholder={props.placeholder}
      maxLength={200}
      value={typed ?? props.value}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={commit}
      onKeyDown={(event) => event.key === 'Enter' && commit()}
    />
  );
}

export function readFilter(query: string): CustomerFilter {
  const read = new URLSearchParams(query);
  const risk = Number(read.get('minRisk') ?? 0);
  return {
    phase: read.get('phase') ?? '',
    tier: read.get('tier') ?? '',
    minRisk: risk > 0 && risk <= 1 ? risk : 0,
    segment: read.get('segment') ?? '',
    sort: customerSorts.find((sort) => sort === read.get('sort')) ?? 'lastSeen',
  };
}

export function writeFilter(filter: CustomerFilter): string {
  const written = new URLSearchParams();
  for (const name of ['phase', 'tier', 'segment'] as const) {
    if (filter[name] !== '') {
      written.set(name, filter[name]);
    }
  }
  if (filter.minRisk > 0) {
    written.set('minRisk', String(filter.minRisk));
  }
  if (filter.sort !== 'lastSeen') {
    written.set('sort', filter.sort);
  }
  return written.size === 0 ? '' : `?${written}`;
}
