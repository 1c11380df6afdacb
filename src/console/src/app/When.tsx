import type { ReactNode } from 'react';
import { formatInstant, formatRelative } from '../i18n/format';
import { useTexts } from '../i18n/texts';

interface WhenProps {
  readonly instant: string;
  readonly now: number;
  /** Puts the relative time into a sentence. */
  readonly say?: (relative: string) => string;
}

/** An instant as seen from now, with date, time and zone on hover. */
export function When({ instant, now, say }: WhenProps): ReactNode {
  const texts = useTexts();
  const relative = formatRelative(texts, instant, now);
  return (
    <time dateTime={instant} title={formatInstant(texts, instant)}>
      {say === undefined ? relative : say(relative)}
    </time>
  );
}
