import { Button, Combobox, Textarea, useCombobox } from '@mantine/core';
import { useEffect, useLayoutEffect, useRef, useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import { AgentName, usePeople } from '../app/People';
import { useTexts } from '../i18n/texts';
import { complete, mentionAt, whoIsMeant } from './mention';
import classes from './AlertDetail.module.css';

/** Longest note, in characters; the server takes no longer one. */
const noteMax = 2_000;

/** Colleagues that are offered for a name at once; one more letter finds the others. */
const offeredMax = 6;

/** The field is focused from outside by this id. */
export const noteFieldId = 'note';

/** Where a note is written. After an @ it offers those who are there. */
export function NoteForm({ onAdd }: { readonly onAdd: (text: string) => Promise<boolean> }): ReactNode {
  const texts = useTexts();
  const { there } = usePeople();
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState('');
  const [caret, setCaret] = useState(0);
  const [busy, setBusy] = useState(false);
  const list = useCombobox({ onDropdownClose: () => list.resetSelectedOption() });

  const mention = mentionAt(text, caret);
  const meant = mention === null ? [] : whoIsMeant(mention, there.keys(), offeredMax);
  const offered = list.dropdownOpened && meant.length > 0;
  useLayoutEffect(() => field.current?.setSelectionRange(caret, caret), [caret]);

  // The first is taken with Enter, as wherever names are completed.
  useEffect(() => {
    if (offered) {
      list.selectFirstOption();
    }
  }, [offered, mention?.begun]);

  const write = (value: string, at: number): void => {
    setText(value);
    setCaret(at);
    if (mentionAt(value, at) === null) {
      list.closeDropdown();
    } else {
      list.openDropdown();
    }
  };
  const name = (agent: string): void => {
    if (mention !== null) {
      const completed = complete(text, caret, mention, agent, there.keys());
      write(completed.text, completed.caret);
    }
  };
  const submit = async (event?: FormEvent): Promise<void> => {
    event?.preventDefault();
    if (text.trim() === '' || busy) {
      return;
    }
    setBusy(true);
    // What could not be saved stays to be tried again.
    if (await onAdd(text.trim())) {
      write('', 0);
    }
    setBusy(false);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void submit();
    } else if (event.key === 'Escape' && offered) {
      // The list goes first; the field is left with the next one.
      event.stopPropagation();
    } else if (event.key === 'Escape') {
      event.currentTarget.blur();
    }
  };
  return (
    <form className={classes.noteForm} onSubmit={(event) => void submit(event)}>
      <Combobox store={list} onOptionSubmit={name} position="bottom-start">
        <Combobox.Target withKeyboardNavigation={offered} withAriaAttributes={offered}>
          <Textarea
            ref={field}
            id={noteFieldId}
            aria-label={texts.commands.note}
            placeholder={texts.commands.notePlaceholder}
            rows={2}
            maxLength={noteMax}
            value={text}
            onChange={(event) => write(event.currentTarget.value, event.currentTarget.selectionStart)}
            onKeyDown={onKeyDown}
            onBlur={() => list.closeDropdown()}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={!offered}>
          <Combobox.Options aria-label={texts.commands.mention}>
            {meant.map((agent) => (
              <Combobox.Option key={agent} value={agent}>
                <AgentName agent={agent} />
              </Combobox.Option>
            ))}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      <Button type="submit" size="sm" variant="default" loading={busy} disabled={text.trim() === ''}>
        {texts.commands.addNote}
      </Button>
    </form>
  );
}
