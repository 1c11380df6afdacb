import { lazy, type ComponentType, type LazyExoticComponent } from 'react';
import type { Texts } from '../i18n/en';

export type PageName = keyof Texts['nav'];

/** A page under its path. What follows the path in the address is the page's own business. */
export interface PageEntry {
  readonly name: PageName;
  readonly path: string;
  /** The roles that may ask for what it shows; all where none is named. */
  readonly roles?: readonly string[];
  /** Null for the desk, which is loaded with the console. */
  readonly component: LazyExoticComponent<ComponentType> | null;
}

/* Each page is a file of its own, fetched when it is first opened. */
export const pages: readonly PageEntry[] = [
  { name: 'desk', path: '/', component: null },
  {
    name: 'customers',
    path: '/customers',
    component: lazy(async () => ({ default: (await import('../customers/Customers')).Customers })),
  },
  {
    name: 'numbers',
    path: '/numbers',
    component: lazy(async () => ({ default: (await import('../numbers/NumbersPage')).NumbersPage })),
  },
  {
    name: 'supervise',
    path: '/supervise',
    roles: ['admin', 'supervisor'],
    component: lazy(async () => ({ default: (await import('../supervise/SupervisePage')).SupervisePage })),
  },
  {
    name: 'program',
    path: '/program',
    roles: ['admin'],
    component: lazy(async () => ({ default: (await import('../program/ProgramPage')).ProgramPage })),
  },
  {
    name: 'quarantine',
    path: '/quarantine',
    roles: ['admin'],
    component: lazy(async () => ({ default: (await import('../quarantine/QuarantinePage')).QuarantinePage })),
  },
  {
    name: 'keys',
    path: '/keys',
    roles: ['admin'],
    component: lazy(async () => ({ default: (await import('../keys/KeysPage')).KeysPage })),
  },
];

const desk = pages[0] as PageEntry;

export function pagesOf(role: string): readonly PageEntry[] {
  return pages.filter((page) => page.roles?.includes(role) ?? true);
}

/** The page that an address belongs to; the desk for all that mean nothing, and for pages that the role may not open. */
export function pageAt(path: string, role: string): PageEntry {
  return pagesOf(role).find((page) => page.path !== '/' && (path === page.path || path.startsWith(`${page.path}/`))) ?? desk;
}

export function customerPath(id: string, kind: string | null, tab = ''): string {
  const named = /^(user|anonymous):/.test(id) || kind === null ? id : `${kind}:${id}`;
  return `/customers/${encodeURIComponent(named)}${tab === '' ? '' : `/${tab}`}`;
}
