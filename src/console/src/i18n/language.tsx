import { createContext, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { en, type Texts } from './en';
import { TextsContext } from './texts';

export type Language = 'en' | 'de';

const key = 'orleanscrm.language';

interface LanguageChoice {
  readonly language: Language;
  setLanguage(language: Language): void;
}

const Choice = createContext<LanguageChoice>({ language: 'en', setLanguage: () => undefined });

export function useLanguage(): LanguageChoice {
  return useContext(Choice);
}

/** The stored choice, else the first of the reader's languages that the console speaks, else English. */
export function preferredLanguage(): Language {
  let stored: string | null = null;
  try {
    stored = window.localStorage.getItem(key);
  } catch {
    // Storage may be forbidden; then the browser's languages decide.
    stored = null;
  }
  const wanted = [stored ?? '', ...navigator.languages].map((tag) => tag.split('-')[0]);
  return wanted.find((tag) => tag === 'en' || tag === 'de') ?? 'en';
}

/** English is loaded with the console, another language when it is chosen. */
export async function loadTexts(language: Language): Promise<Texts> {
  return language === 'de' ? (await import('./de')).de : en;
}

/** Gives the page its words. `initial` are those of the language it starts with, so that nothing is shown twice. */
export function LanguageProvider(props: { readonly initial: Texts; readonly children: ReactNode }): ReactNode {
  const [texts, setTexts] = useState(props.initial);
  useEffect(() => {
    document.documentElement.lang = texts.language;
  }, [texts]);
  const choice = useMemo<LanguageChoice>(
    () => ({
      language: texts.language === 'de' ? 'de' : 'en',
      setLanguage: (language) => {
        try {
          window.localStorage.setItem(key, language);
        } catch {
          // Storage may be forbidden; then the choice holds until the page is left.
        }
        void loadTexts(language).then(setTexts, () => undefined);
      },
    }),
    [texts],
  );
  return (
    <Choice value={choice}>
      <TextsContext value={texts}>{props.children}</TextsContext>
    </Choice>
  );
}
