import type { ReactNode } from 'react';
import { Tag, type Tone } from '../app/Page';
import { useTexts } from '../i18n/texts';

const tones: Readonly<Record<string, Tone>> = { recapture: 'high', lost: 'high', loyalty: 'good', advocacy: 'good' };

export function PhaseTag({ phase }: { readonly phase: string }): ReactNode {
  const texts = useTexts();
  return <Tag tone={tones[phase] ?? 'accent'}>{texts.customer.phases[phase] ?? phase}</Tag>;
}
