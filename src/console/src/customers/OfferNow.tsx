import type { ReactNode } from 'react';
import type { StandingOffer } from '../api/customers';
import { formatInstant, formatMinute } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import classes from './OfferNow.module.css';

interface OfferNowProps {
  readonly offer: StandingOffer | null;
  readonly now: number;
  /** The heading that fits where it stands. */
  readonly as: 'h2' | 'h3';
  readonly className?: string | undefined;
}

/** What the shop shows the customer without having been asked; nothing any more once it has ended. */
export function OfferNow({ offer, now, as: Heading, className }: OfferNowProps): ReactNode {
  const texts = useTexts();
  const words = texts.customer;
  if (offer === null || Date.parse(offer.validUntil) <= now) {
    return null;
  }
  return (
    <section className={className}>
      <Heading className={classes.heading}>{words.offer}</Heading>
      <p className={classes.title}>{offer.title}</p>
      {offer.coupon !== null && <p className={classes.about}>{words.offerCode(offer.coupon)}</p>}
      <p className={classes.about}>{words.offerBy(offer.trigger)}</p>
      <p className={classes.about}>
        <time dateTime={offer.validUntil} title={formatInstant(texts, offer.validUntil)}>
          {words.offerUntil(formatMinute(texts, offer.validUntil))}
        </time>
      </p>
    </section>
  );
}
