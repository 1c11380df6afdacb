import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { operationsOf, type ApiDocument, type Operation } from './document';
import { OperationView } from './OperationView';
import { Prose } from './Prose';
import { words } from './words';
import classes from './Reference.module.css';

type Loading = { readonly state: 'loading' | 'locked' | 'failed' } | { readonly state: 'done'; readonly document: ApiDocument };

/** The public surface to read and to try. Keys that are typed here stay in this page's memory. */
export function Reference(): ReactNode {
  const [key, setKey] = useState('');
  const [loading, setLoading] = useState<Loading>({ state: 'loading' });
  const chosen = useChosen();

  const load = useCallback(async (bearer: string) => {
    setLoading({ state: 'loading' });
    try {
      const response = await fetch('/openapi/v1.json', {
        credentials: 'omit',
        ...(bearer === '' ? {} : { headers: { Authorization: `Bearer ${bearer}` } }),
      });
      if (response.ok) {
        setLoading({ state: 'done', document: (await response.json()) as ApiDocument });
      } else {
        setLoading({ state: response.status === 401 || response.status === 403 ? 'locked' : 'failed' });
      }
    } catch {
      setLoading({ state: 'failed' });
    }
  }, []);

  useEffect(() => {
    void load('');
  }, [load]);

  return (
    <div className={classes.page}>
      <header className={classes.header}>
        <span className={classes.product}>OrleansCrm</span>
        <span className={classes.title}>{words.title}</span>
        <form
          className={classes.key}
          onSubmit={(event) => {
            event.preventDefault();
            void load(key);
          }}
        >
          <label htmlFor="key">{words.key}</label>
          <input
            id="key"
            type="password"
            autoComplete="off"
            spellCheck={false}
            placeholder={words.keyHint}
            value={key}
            onChange={(event) => setKey(event.target.value)}
          />
          {loading.state === 'done' ? null : <button type="submit">{words.open}</button>}
        </form>
      </header>
      {loading.state === 'done' ? (
        <Shown document={loading.document} apiKey={key} chosen={chosen} />
      ) : (
        <p className={classes.notice} role="status">
          {words[loading.state]}
        </p>
      )}
    </div>
  );
}

function Shown({ document, apiKey, chosen }: { document: ApiDocument; apiKey: string; chosen: string }): ReactNode {
  const operations = useMemo(() => operationsOf(document), [document]);
  const operation = operations.find((one) => one.id === chosen);
  return (
    <div className={classes.body}>
      <nav className={classes.nav} aria-label={words.operations}>
        {document.tags.map((tag) => (
          <section key={tag.name}>
            <h2>{tag.name}</h2>
            <ul>
              {operations
                .filter((one) => one.tag === tag.name)
                .map((one) => (
                  <li key={one.id}>
                    <Entry operation={one} isChosen={one.id === chosen} />
                  </li>
                ))}
            </ul>
          </section>
        ))}
      </nav>
      <main className={classes.main}>
        {operation === undefined ? (
          <Overview document={document} />
        ) : (
          <OperationView key={operation.id} document={document} operation={operation} apiKey={apiKey} />
        )}
      </main>
    </div>
  );
}

function Entry({ operation, isChosen }: { operation: Operation; isChosen: boolean }): ReactNode {
  return (
    <a className={classes.entry} href={`#${operation.id}`} aria-current={isChosen ? 'page' : undefined} title={operation.summary}>
      <Method method={operation.method} />
      <span>{operation.path}</span>
    </a>
  );
}

export function Method({ method }: { method: string }): ReactNode {
  return (
    <span className={classes.method} data-method={method}>
      {method}
    </span>
  );
}

function Overview({ document }: { document: ApiDocument }): ReactNode {
  return (
    <article className={classes.article}>
      <h1>{document.info.title}</h1>
      {(document.info.description ?? '').split('\n\n').map((paragraph) => (
        <p key={paragraph}>
          <Prose text={paragraph} />
        </p>
      ))}
      {document.tags.map((tag) => (
        <section key={tag.name}>
          <h3>{tag.name}</h3>
          <p>
            <Prose text={tag.description} />
          </p>
        </section>
      ))}
    </article>
  );
}

/** The operation that the address names after its hash: a link can point at it, and the browser's back button works. */
function useChosen(): string {
  const [chosen, setChosen] = useState(() => window.location.hash.slice(1));
  useEffect(() => {
    const follow = (): void => {
      setChosen(window.location.hash.slice(1));
      const main = window.document.querySelector('main');
      if (main !== null) {
        main.scrollTop = 0;
      }
    };
    window.addEventListener('hashchange', follow);
    return () => window.removeEventListener('hashchange', follow);
  }, []);
  return chosen;
}
