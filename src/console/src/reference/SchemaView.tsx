import { useState, type ReactNode } from 'react';
import { type ApiDocument, type Schema, resolve, typeOf } from './document';
import { Prose } from './Prose';
import { words } from './words';
import classes from './Reference.module.css';

interface SchemaViewProps {
  readonly document: ApiDocument;
  readonly schema: Schema;
}

/** What a value looks like. Objects inside are drawn when they are opened, so that one within itself ends somewhere. */
export function SchemaView({ document, schema }: SchemaViewProps): ReactNode {
  const object = objectOf(document, schema);
  if (object?.properties === undefined) {
    return <p className={classes.type}>{typeOf(document, schema)}</p>;
  }
  return (
    <ul className={classes.members}>
      {Object.entries(object.properties).map(([name, member]) => (
        <li key={name}>
          <Member document={document} name={name} schema={member} isRequired={object.required?.includes(name) === true} />
        </li>
      ))}
      {object.additionalProperties === true ? <li className={classes.type}>{words.others}</li> : null}
    </ul>
  );
}

function Member({ document, name, schema, isRequired }: SchemaViewProps & { name: string; isRequired: boolean }): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const target = resolve(document, schema);
  const line = (
    <>
      <code className={classes.name}>{name}</code>
      <span className={classes.type}>{typeOf(document, schema)}</span>
      {isRequired ? <span className={classes.required}>{words.required}</span> : null}
      {target.default === undefined ? null : <span className={classes.type}>{words.byDefault(target.default)}</span>}
      {target.description === undefined ? null : (
        <span className={classes.description}>
          <Prose text={target.description} />
        </span>
      )}
    </>
  );
  if (objectOf(document, schema)?.properties === undefined) {
    return <div className={classes.member}>{line}</div>;
  }
  return (
    <details className={classes.member} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{line}</summary>
      {isOpen ? <SchemaView document={document} schema={schema} /> : null}
    </details>
  );
}

/** The object that a schema describes, itself or as the items of a list. */
function objectOf(document: ApiDocument, schema: Schema): Schema | null {
  const target = resolve(document, schema);
  return target.items === undefined ? target : objectOf(document, target.items);
}
