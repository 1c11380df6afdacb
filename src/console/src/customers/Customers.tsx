import type { ReactNode } from 'react';
import { usePath } from '../app/router';
import { CustomerPage, customerTabs } from './CustomerPage';
import { CustomersPage } from './CustomersPage';

/** `/customers` is the search, `/customers/ID` and `/customers/ID/TAB` are one customer. */
export function Customers(): ReactNode {
  const [, , segment = '', tab = ''] = usePath().split('/');
  const id = decode(segment);
  return id === '' ? (
    <CustomersPage />
  ) : (
    <CustomerPage key={id} id={id} tab={customerTabs.find((known) => known === tab) ?? 'overview'} />
  );
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // A path that was typed by hand; the server will say that it knows no such customer.
    return segment;
  }
}
