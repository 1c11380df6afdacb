import type { ReactNode } from 'react';
import { type ApiDocument, type Operation, typeOf } from './document';
import { Prose } from './Prose';
import { Method } from './Reference';
import { SchemaView } from './SchemaView';
import { TryIt } from './TryIt';
import { words } from './words';
import classes from './Reference.module.css';

interface OperationViewProps {
  readonly document: ApiDocument;
  readonly operation: Operation;
  readonly apiKey: string;
}

export function OperationView({ document, operation, apiKey }: OperationViewProps): ReactNode {
  return (
    <article className={classes.article}>
      <h1>{operation.summary}</h1>
      <p className={classes.target}>
        <Method method={operation.method} />
        <code>{operation.path}</code>
      </p>
      {operation.description === '' ? null : <p>
          <Prose text={operation.description} />
        </p>}
      {operation.isOpen ? <p>{words.isOpen}</p> : null}

      <TryIt operation={operation} apiKey={apiKey} />

      {operation.parameters.length === 0 ? null : (
        <section>
          <h3>{words.parameters}</h3>
          <table className={classes.table}>
            <tbody>
              {operation.parameters.map((parameter) => (
                <tr key={parameter.name}>
                  <th scope="row">
                    <code>{parameter.name}</code>
                  </th>
                  <td>
                    {parameter.in}
                    {parameter.required === true ? `, ${words.required}` : ''}
                  </td>
                  <td>{typeOf(document, parameter.schema)}</td>
                  <td>
                    <Prose text={parameter.description} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}

      {operation.body === null ? null : (
        <section>
          <h3>{words.body}</h3>
          <SchemaView document={document} schema={operation.body.schema} />
        </section>
      )}

      <section>
        <h3>{words.answers}</h3>
        {operation.responses.map(({ status, response }) => {
          const media = Object.values(response.content ?? {})[0];
          return (
            <details key={status} className={classes.answer} open={status.startsWith('2')}>
              <summary>
                <span className={classes.status} data-class={status[0]}>
                  {status}
                </span>
                <Prose text={response.description} />
              </summary>
              {media === undefined ? null : <SchemaView document={document} schema={media.schema} />}
            </details>
          );
        })}
      </section>
    </article>
  );
}
