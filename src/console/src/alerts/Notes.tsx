import type { ReactNode } from 'react';
import type { Alert } from '../api/alerts';
import { AgentName } from '../app/People';
import { When } from '../app/When';
import { NoteForm } from './NoteForm';
import classes from './AlertDetail.module.css';

interface NotesProps {
  readonly alert: Alert;
  readonly now: number;
  /** Null while nobody may write here. */
  readonly onAdd: ((text: string) => Promise<boolean>) | null;
}

/** What agents have said about an alert, and the place to say more. */
export function Notes({ alert, now, onAdd }: NotesProps): ReactNode {
  return (
    <>
      {alert.notes.length > 0 && (
        <ul className={classes.notes}>
          {alert.notes.map((note, index) => (
            <li key={index}>
              <p className={classes.noteText}>{note.text}</p>
              <p className={classes.noteFacts}>
                {note.by !== null && <AgentName agent={note.by} />}
                {note.by !== null && note.at !== null && ' · '}
                {note.at !== null && <When instant={note.at} now={now} />}
              </p>
            </li>
          ))}
        </ul>
      )}
      {onAdd !== null && <NoteForm onAdd={onAdd} />}
    </>
  );
}
