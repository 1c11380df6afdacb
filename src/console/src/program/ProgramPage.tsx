import { Button, Skeleton, Textarea } from '@mantine/core';
import { useMemo, useState, type ReactNode } from 'react';
import { ApiError, type Fault } from '../api/http';
import { askWhatIf, getProgram, getProgramSchema, putProgram, type WhatIf } from '../api/program';
import { asNumber, asObject, type Json } from '../api/read';
import { Notice } from '../app/Notice';
import { Failure, failureText, Page, Tag } from '../app/Page';
import { useResource } from '../customers/useResource';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { faultsOf } from './schema';
import { Versions } from './Versions';
import { WhatIfReport } from './WhatIfReport';
import classes from './ProgramPage.module.css';
import page from '../app/Page.module.css';

/** The rules of the shop: changed as text, checked while typing, tried on the history, and only then published. */
export function ProgramPage(): ReactNode {
  const texts = useTexts();
  const { http } = useSession();
  const [published, setPublished] = useState(0);
  const loaded = useResource('program', [published], async (signal) => {
    const [document, schema] = await Promise.all([getProgram(http, signal), getProgramSchema(http, signal)]);
    return { document, schema };
  });
  return (
    <Page title={texts.program.title} lead={texts.program.lead}>
      {loaded.error !== null && <Failure error={loaded.error} onRetry={loaded.reload} />}
      {loaded.data === null ? (
        loaded.error === null && <Skeleton height={480} aria-hidden="true" />
      ) : (
        <Editor
          key={asNumber(loaded.data.document['version'])}
          inForce={loaded.data.document}
          schema={loaded.data.schema}
          wasPublished={published > 0}
          onPublished={() => setPublished((count) => count + 1)}
          onConflict={loaded.reload}
        />
      )}
      <Versions published={published} />
    </Page>
  );
}

interface EditorProps {
  readonly inForce: Json;
  readonly schema: Json;
  readonly wasPublished: boolean;
  readonly onPublished: () => void;
  readonly onConflict: () => void;
}

interface Trial {
  readonly text: string;
  readonly report: WhatIf;
}

function Editor({ inForce, schema, wasPublished, onPublished, onConflict }: EditorProps): ReactNode {
  const texts = useTexts();
  const words = texts.program;
  const { http } = useSession();
  const version = asNumber(inForce['version']) ?? 1;
  const original = useMemo(() => textOf(inForce), [inForce]);
  const [text, setText] = useState(original);
  const [running, setRunning] = useState<'whatif' | 'publish' | null>(null);
  const [trial, setTrial] = useState<Trial | null>(null);
  const [problem, setProblem] = useState<ReactNode>(null);
  const [refused, setRefused] = useState<{ readonly text: string; readonly faults: readonly Fault[] } | null>(null);

  const read = useMemo(() => parse(text), [text]);
  const own = useMemo(() => (read.document === null ? [] : faultsOf(read.document, schema, texts)), [read, schema, texts]);
  // What the server found wrong holds for the text it was given, and knows more than the schema can say.
  const faults = own.length === 0 && refused?.text === text ? refused.faults : own;
  const isSound = read.document !== null && faults.length === 0;
  const isChanged = text !== original;

  const run = async (what: 'whatif' | 'publish', ask: (document: Json) => Promise<void>): Promise<void> => {
    if (read.document === null) {
      return;
    }
    setRunning(what);
    setProblem(null);
    try {
      await ask(read.document);
    } catch (failure) {
      if (failure instanceof ApiError && failure.status === 422 && failure.faults.length > 0) {
        setRefused({ text, faults: failure.faults });
      } else if (failure instanceof ApiError && failure.code === 'version_conflict') {
        setProblem(
          <>
            {words.conflict}
            <Button size="xs" variant="default" onClick={onConflict}>
              {words.reset}
            </Button>
          </>,
        );
      } else {
        setProblem(failure instanceof ApiError && failure.status === 429 ? words.busy : failureText(failure, texts.page));
      }
    }
    setRunning(null);
  };
  const tryOut = (): Promise<void> =>
    run('whatif', async (document) => setTrial({ text, report: await askWhatIf(http, document) }));
  const publish = (): Promise<void> =>
    run('publish', async (document) => {
      await putProgram(http, document, version);
      onPublished();
    });
  const isTried = trial?.text === text;

  return (
    <>
      <div className={classes.editor}>
        <div className={classes.document}>
          <div className={classes.head}>
            <h2 className={page.section}>{words.version(version)}</h2>
            <Tag tone="good">{words.inForce}</Tag>
          </div>
          <Textarea
            aria-label={words.document}
            classNames={{ input: classes.text }}
            rows={30}
            spellCheck={false}
            autoComplete="off"
            value={text}
            error={read.fault !== null}
            onChange={(event) => setText(event.currentTarget.value)}
          />
        </div>
        <div className={classes.side}>
          <section className={page.card} aria-label={words.faultless}>
            <div role="status">
              <h2 className={page.section}>
                {read.fault !== null ? words.faults(1) : faults.length > 0 ? words.faults(faults.length) : words.faultless}
              </h2>
              <p className={page.dimmed}>{isChanged ? words.changed : words.unchanged}</p>
            </div>
            {read.fault !== null && <p className={classes.fault}>{words.notJson(read.fault)}</p>}
            <ul className={classes.faults}>
              {faults.map((fault, index) => (
                <li key={index}>
                  <code>{fault.path === '' ? words.whole : fault.path}</code> {fault.detail}
                </li>
              ))}
            </ul>
          </section>
          <section className={`${page.card} ${classes.steps}`} aria-label={words.whatif}>
            <Button variant={isTried ? 'default' : 'filled'} disabled={!isSound || !isChanged || running !== null} loading={running === 'whatif'} onClick={tryOut}>
              {words.whatif}
            </Button>
            <Button variant={isTried ? 'filled' : 'default'} disabled={!isSound || !isTried || running !== null} loading={running === 'publish'} onClick={publish}>
              {words.publish}
            </Button>
            <Button variant="subtle" disabled={read.document === null} onClick={() => read.document !== null && setText(textOf(read.document))}>
              {words.format}
            </Button>
            <Button variant="subtle" disabled={!isChanged} onClick={() => setText(original)}>
              {words.reset}
            </Button>
            <p className={page.small}>{words.whatifFirst}</p>
          </section>
          {problem !== null && (
            <Notice tone="warn" onClose={() => setProblem(null)}>
              {problem}
            </Notice>
          )}
          {wasPublished && !isChanged && problem === null && <Notice tone="info">{words.published(version)}</Notice>}
        </div>
      </div>
      {isTried && <WhatIfReport report={trial.report} />}
    </>
  );
}

function textOf(document: Json): string {
  return JSON.stringify(document, null, 2);
}

function parse(text: string): { readonly document: Json | null; readonly fault: string | null } {
  try {
    const document = asObject(JSON.parse(text));
    return { document, fault: document === null ? '{…}' : null };
  } catch (failure) {
    return { document: null, fault: failure instanceof Error ? failure.message : '' };
  }
}
