import { useState, type ReactNode } from 'react';
import { type Operation, targetOf } from './document';
import { words } from './words';
import classes from './Reference.module.css';

interface Answer {
  readonly headline: string;
  readonly isGood: boolean;
  readonly body: string;
}

/** Sends a request as it stands in the form, to the server that the page comes from. */
export function TryIt({ operation, apiKey }: { operation: Operation; apiKey: string }): ReactNode {
  const example = Object.values(operation.body?.examples ?? {})[0]?.value;
  const [values, setValues] = useState<Record<string, string>>({});
  const [body, setBody] = useState(operation.body === null ? '' : JSON.stringify(example ?? {}, null, 2));
  const [isSending, setSending] = useState(false);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const missing = operation.parameters.find((parameter) => parameter.required === true && (values[parameter.name] ?? '') === '');

  async function send(): Promise<void> {
    setSending(true);
    setAnswer(await ask(operation, values, body, apiKey));
    setSending(false);
  }

  return (
    <form
      className={classes.try}
      aria-label={words.tryIt}
      onSubmit={(event) => {
        event.preventDefault();
        void send();
      }}
    >
      {operation.parameters.map((parameter) => (
        <label key={parameter.name} className={classes.field}>
          <span>{parameter.name}</span>
          <input
            spellCheck={false}
            value={values[parameter.name] ?? ''}
            onChange={(event) => setValues({ ...values, [parameter.name]: event.target.value })}
          />
        </label>
      ))}
      {operation.body === null ? null : (
        <label className={classes.field}>
          <span>{words.body}</span>
          <textarea
            spellCheck={false}
            rows={Math.min(16, body.split('\n').length + 1)}
            value={body}
            onChange={(event) => setBody(event.target.value)}
          />
        </label>
      )}
      <div className={classes.send}>
        <button type="submit" disabled={isSending || missing !== undefined}>
          {isSending ? words.sending : words.send}
        </button>
        <code>
          {operation.method} {targetOf(operation, values)}
        </code>
        {missing === undefined ? null : <span className={classes.type}>{words.needed(missing.name)}</span>}
      </div>
      <div role="status">
        {answer === null ? null : (
          <>
            <p className={answer.isGood ? classes.good : classes.bad}>{answer.headline}</p>
            {answer.body === '' ? null : <pre className={classes.result}>{answer.body}</pre>}
          </>
        )}
      </div>
    </form>
  );
}

async function ask(operation: Operation, values: Record<string, string>, body: string, apiKey: string): Promise<Answer> {
  const headers: Record<string, string> = {};
  for (const parameter of operation.parameters) {
    const value = values[parameter.name] ?? '';
    if (parameter.in === 'header' && value !== '') {
      headers[parameter.name] = value;
    }
  }
  if (apiKey !== '' && !operation.isOpen) {
    headers['Authorization'] = `Bearer ${apiKey}`;
  }
  if (operation.body !== null) {
    headers['Content-Type'] = 'application/json';
  }
  const started = performance.now();
  try {
    const response = await fetch(targetOf(operation, values), {
      method: operation.method,
      headers,
      credentials: 'omit',
      ...(operation.body === null ? {} : { body }),
    });
    const text = await response.text();
    return {
      headline: words.answered(response.status, Math.round(performance.now() - started)),
      isGood: response.ok,
      body: pretty(text),
    };
  } catch {
    return { headline: words.unreachable, isGood: false, body: '' };
  }
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
