import { Button, Textarea } from '@mantine/core';
import { useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import type { Alert } from '../api/alerts';
import { AgentName } from '../app/People';
import { When } from '../app/When';
import { useTexts } from '../i18n/texts';
import classes from './AlertDetail.module.css';

/** Longest note, in characters; the server takes no longer one. */
const noteMax = 2_000;

interface NotesProps {
  readonly alert: Alert;
  readonly now: number;
  /** Null while nobody may write here. */
  readonly onAdd: ((text: string) => Promise<boolean>) | null;
}

/** What agents have said about an alert, and the place to say more. Focused from outside by its id. */
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

export const noteFieldId = 'note';

function NoteForm({ onAdd }: { readonly onAdd: (text: string) => Promise<boolean> }): ReactNode {
  const texts = useTexts();
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);

  const submit = async (event?: FormEvent): Promise<void> => {
    event?.preventDefault();
    if (text.trim() === '' || busy) {
      return;
    }
    setBusy(true);
    // What could not be saved stays to be tried again.
    if (await onAdd(text.trim())) {
      setText('');
    }
    setBusy(false);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void submit();
    } else if (event.key === 'Escape') {
      event.currentTarget.blur();
    }
  };
  return (
    <form className={classes.noteForm} onSubmit={(event) => void submit(event)}>
      <Textarea
        id={noteFieldId}
        aria-label={texts.commands.note}
        placeholder={texts.commands.notePlaceholder}
        rows={2}
        maxLength={noteMax}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      <Button type="submit" size="sm" variant="default" loading={busy} disabled={text.trim() === ''}>
        {texts.commands.addNote}
      </Button>
    </form>
  );
}
