import './app/mantine.css';
import './app/app.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { installThemeVariables, schemeStorage, theme } from './app/theme';
import { takeLinkToken } from './session/link';
import { SessionProvider } from './session/SessionProvider';

const link = takeLinkToken();
const root = document.getElementById('root');
if (root === null) {
  throw new Error('index.html has no #root');
}
installThemeVariables();
createRoot(root).render(
  <StrictMode>
    {/* Variables and classes as inline style elements are refused by the content policy; see theme.ts. */}
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={schemeStorage}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <SessionProvider initialLink={link}>
        <App />
      </SessionProvider>
    </MantineProvider>
  </StrictMode>,
);
