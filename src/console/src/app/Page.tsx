import { Button } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { ApiError } from '../api/http';
import { useTexts } from '../i18n/texts';
import { Notice } from './Notice';
import classes from './Page.module.css';

interface PageProps {
  readonly title: string;
  readonly lead?: string;
  /** Beside the title. */
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

/** The frame of a page beside the desk. Its heading takes the focus, so that whoever cannot see it hears where they are. */
export function Page({ title, lead, aside, children }: PageProps): ReactNode {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <main className={classes.scroll} id="main" tabIndex={-1}>
      <div className={classes.inner}>
        {aside}
        <h1 ref={heading} tabIndex={-1} className={classes.title}>
          {title}
        </h1>
        {lead !== undefined && <p className={classes.lead}>{lead}</p>}
        {children}
      </div>
    </main>
  );
}

/** What a request came to that did not work out. */
export function Failure({ error, text, onRetry }: { readonly error: unknown; readonly text?: string; readonly onRetry?: () => void }): ReactNode {
  const texts = useTexts();
  return (
    <Notice tone="warn">
      {text ?? failureText(error, texts.page)}
      {onRetry !== undefined && (
        <Button size="xs" variant="default" onClick={onRetry}>
          {texts.shell.retry}
        </Button>
      )}
    </Notice>
  );
}

export function failureText(error: unknown, words: { failed: string; unreachable: string; refused: (detail: string) => string }): string {
  if (!(error instanceof ApiError)) {
    return words.failed;
  }
  return error.status === 0 ? words.unreachable : words.refused(error.detail);
}

interface TableProps {
  readonly caption: string;
  readonly children: ReactNode;
}

/** A table in a frame of its own that scrolls sideways where the page is too narrow. */
export function Table({ caption, children }: TableProps): ReactNode {
  return (
    <div className={classes.tableFrame} role="region" aria-label={caption} tabIndex={0}>
      <table className={classes.table}>
        <caption>{caption}</caption>
        {children}
      </table>
    </div>
  );
}

export type Tone = 'accent' | 'good' | 'high' | 'critical' | 'plain';

export function Tag({ tone = 'plain', children }: { readonly tone?: Tone; readonly children: ReactNode }): ReactNode {
  return (
    <span className={classes.tag} data-tone={tone}>
      {children}
    </span>
  );
}
