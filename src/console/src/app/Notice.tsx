import { Alert } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTexts } from '../i18n/texts';
import classes from './Notice.module.css';

interface NoticeProps {
  readonly tone: 'info' | 'warn' | 'error';
  readonly children: ReactNode;
  /** Makes it dismissible. */
  readonly onClose?: () => void;
}

/** Something the reader should know about what they just did or see. Spoken at once unless it only informs. */
export function Notice({ tone, children, onClose }: NoticeProps): ReactNode {
  const texts = useTexts();
  return (
    <Alert
      className={classes.notice}
      data-tone={tone}
      role={tone === 'info' ? 'status' : 'alert'}
      withCloseButton={onClose !== undefined}
      closeButtonLabel={texts.commands.dismiss}
      {...(onClose === undefined ? {} : { onClose })}
    >
      <div className={classes.text}>{children}</div>
    </Alert>
  );
}
