import { Button } from '@mantine/core';
import { Component, type ReactNode } from 'react';
import { TextsContext } from '../i18n/texts';
import { Notice } from './Notice';

interface Props {
  readonly children: ReactNode;
}

/** Keeps a fault in one part of the page from taking the list with it. Give it a `key` to start afresh with other data. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  static override contextType = TextsContext;
  declare context: React.ContextType<typeof TextsContext>;
  override state = { failed: false };

  static getDerivedStateFromError(): { failed: boolean } {
    return { failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) {
      return this.props.children;
    }
    const texts = this.context.shell;
    return (
      <Notice tone="error">
        {texts.crashed}
        <Button size="xs" variant="default" onClick={() => this.setState({ failed: false })}>
          {texts.retry}
        </Button>
      </Notice>
    );
  }
}
