import type { ReactNode } from 'react';
import type { Severity as Level } from '../api/alerts';
import { CriticalIcon, HighIcon, LowIcon, MediumIcon } from '../app/icons';
import { useTexts } from '../i18n/texts';
import classes from './Severity.module.css';

const icons = { critical: CriticalIcon, high: HighIcon, medium: MediumIcon, low: LowIcon };

/** Shape, colour and word: none of them is the only sign. */
export function Severity({ level, size = 16 }: { readonly level: Level; readonly size?: number }): ReactNode {
  const texts = useTexts();
  const Icon = icons[level];
  return (
    <span className={classes.severity} data-level={level}>
      <Icon size={size} />
      {texts.alerts.severity[level]}
    </span>
  );
}
