import { MantineProvider } from '@mantine/core';
import { render } from '@testing-library/react';
import type { ReactNode } from 'react';
import { theme } from '../app/theme';
import { SessionProvider } from '../session/SessionProvider';

/** Renders inside the providers of the page, as main.tsx has them. */
export function renderPage(page: ReactNode, link: string | null = null): void {
  render(
    <MantineProvider theme={theme} env="test" withCssVariables={false} withGlobalClasses={false}>
      <SessionProvider initialLink={link}>{page}</SessionProvider>
    </MantineProvider>,
  );
}
