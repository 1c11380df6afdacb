import type { ReactNode } from 'react';
import classes from './NumbersPage.module.css';

export function Tiles({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className={classes.tiles}>{children}</dl>;
}

/** One number with its name, and what it means where the name does not say it. */
export function Tile(props: { readonly name: string; readonly value: string; readonly hint?: string }): ReactNode {
  return (
    <div className={classes.tile}>
      <dt>{props.name}</dt>
      <dd>
        {props.value}
        {props.hint !== undefined && <span className={classes.hint}>{props.hint}</span>}
      </dd>
    </div>
  );
}
