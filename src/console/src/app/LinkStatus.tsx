import type { ReactNode } from 'react';
import type { DeskView, LinkStatus } from '../hub/deskConnection';
import { formatSpan, formatTime } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import { useNow } from './useNow';
import classes from './LinkStatus.module.css';

/** Without a confirmation for this long, in milliseconds, "live" is no longer true: two that should have come did not. */
const confirmedWithin = 45_000;

/** What can honestly be said: a connection that has gone silent is not live, whatever the socket says. */
export function honestStatus(view: Pick<DeskView, 'status' | 'confirmedAt'>, now: number): LinkStatus {
  const silent = view.confirmedAt === null || now - view.confirmedAt > confirmedWithin;
  return view.status === 'live' && silent ? 'reconnecting' : view.status;
}

/** The small sign in the header. */
export function LinkPill({ view }: { readonly view: DeskView }): ReactNode {
  const texts = useTexts();
  const status = honestStatus(view, useNow(5_000));
  return (
    <span className={classes.pill} data-status={status} role="status" title={status === 'live' ? texts.link.liveHint : undefined}>
      <span className={classes.dot} aria-hidden="true" />
      {texts.link[status]}
    </span>
  );
}

/** The banner over the page while what it shows may be out of date. */
export function LinkBanner({ view }: { readonly view: DeskView }): ReactNode {
  const texts = useTexts();
  const now = useNow(1_000);
  const status = honestStatus(view, now);
  if (status === 'live' || (status === 'connecting' && view.confirmedAt === null)) {
    return null;
  }
  const text =
    view.confirmedAt === null
      ? texts.link.never
      : texts.link.stale(formatSpan(texts, now - view.confirmedAt), formatTime(texts, view.confirmedAt));
  return (
    <div className={classes.banner} data-status={status}>
      <strong>{texts.link[status]}</strong> <span>{text}</span>
    </div>
  );
}
