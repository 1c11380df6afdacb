import './app/mantine.css';
import './app/app.css';
import { MantineProvider } from '@mantine/core';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App';
import { installThemeVariables, schemeStorage, theme } from './app/theme';
import { en } from './i18n/en';
import { LanguageProvider, loadTexts, preferredLanguage } from './i18n/language';
import { takeLinkToken } from './session/link';
import { SessionProvider } from './session/SessionProvider';

const link = takeLinkToken();
const root = document.getElementById('root');
if (root === null) {
  throw new Error('index.html has no #root');
}
installThemeVariables();
// In the reader's language from the first paint on.
const texts = await loadTexts(preferredLanguage()).catch(() => en);
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
      <LanguageProvider initial={texts}>
        <SessionProvider initialLink={link}>
          <App />
        </SessionProvider>
      </LanguageProvider>
    </MantineProvider>
  </StrictMode>,
);
