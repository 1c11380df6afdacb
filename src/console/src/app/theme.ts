import {
  convertCssVariables,
  createTheme,
  defaultCssVariablesResolver,
  localStorageColorSchemeManager,
  mergeMantineTheme,
  DEFAULT_THEME,
  Menu,
  Modal,
  Tooltip,
  type MantineColorScheme,
} from '@mantine/core';

const overrides = createTheme({
  primaryColor: 'indigo',
  primaryShade: { light: 8, dark: 7 },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  fontFamily: "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Noto Sans', sans-serif",
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace",
  headings: { fontFamily: 'inherit', fontWeight: '650' },
  colors: {
    // A cooler dark than the library's, with enough contrast for dimmed text (index 2) on surfaces (6 and 7).
    dark: ['#d5d9e0', '#bcc2cc', '#98a1af', '#6b7482', '#3b424e', '#2e343f', '#222730', '#181c23', '#12151b', '#0d0f14'],
  },
  components: {
    // Locking the page's scroll would insert a style element, which the content policy refuses; the page itself never scrolls.
    Modal: Modal.extend({ defaultProps: { lockScroll: false, centered: true, radius: 'lg' } }),
    // The first item takes the focus; a placeholder before it would be a child that no menu may have.
    Menu: Menu.extend({ defaultProps: { withInitialFocusPlaceholder: false } }),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 400, withArrow: true } }),
  },
});

export const theme = mergeMantineTheme(DEFAULT_THEME, overrides);

/** The reader's choice of light or dark; same key as public/scheme.js. */
export const schemeStorage = localStorageColorSchemeManager({ key: 'orleanscrm.scheme' });

/** The next choice of the theme button. The first press always changes what is seen; the third is back with the system. */
export function nextScheme(current: MantineColorScheme, system: 'light' | 'dark'): MantineColorScheme {
  if (current === 'auto') {
    return system === 'dark' ? 'light' : 'dark';
  }
  return current === system ? 'auto' : system;
}

/**
 * Puts the theme's variables into the page. The library would write them into an inline style element, which the content
 * policy (`style-src 'self'`) refuses; a constructed sheet is no inline style.
 */
export function installThemeVariables(): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    convertCssVariables({
      ...defaultCssVariablesResolver(theme),
      light: {
        ...defaultCssVariablesResolver(theme).light,
        '--mantine-color-scheme': 'light',
        '--mantine-color-dimmed': '#59626e',
      },
      dark: { ...defaultCssVariablesResolver(theme).dark, '--mantine-color-scheme': 'dark' },
    }),
  );
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}
