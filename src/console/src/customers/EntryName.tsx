import type { ReactNode } from 'react';
import type { TimelineEntry } from '../api/customers';
import { useTexts } from '../i18n/texts';

/** What happened: the event as the shop named it, else the kind of entry ("order.completed" reads "order completed"). */
export function EntryName({ entry }: { readonly entry: TimelineEntry }): ReactNode {
  const texts = useTexts().customer;
  return entry.event ?? texts.entries[entry.type] ?? entry.type.replaceAll(/[._]/g, ' ');
}
