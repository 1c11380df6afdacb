import { Button, Group, Modal, Radio, Stack, Textarea } from '@mantine/core';
import { useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import { useTexts } from '../i18n/texts';

interface ResolveDialogProps {
  readonly opened: boolean;
  readonly subject: string;
  readonly onClose: () => void;
  /** The dialog has gone from the screen; the focus has to go somewhere. */
  readonly onClosed: () => void;
  readonly onResolve: (outcome: string, note: string) => void;
}

/** Longest note, in characters: what a colleague still reads, and far under the hub's message limit of 32 KB. */
const noteMax = 2_000;

export function ResolveDialog(props: ResolveDialogProps): ReactNode {
  const texts = useTexts().resolve;
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      title={texts.title}
      // Where the focus came from may be the row that the alert leaves with.
      returnFocus={false}
      onExitTransitionEnd={props.onClosed}
      closeButtonProps={{ 'aria-label': texts.cancel }}
    >
      {/* Mounted anew each time it opens, so that no note is left over from another alert. */}
      <ResolveForm {...props} />
    </Modal>
  );
}

function ResolveForm({ subject, onClose, onResolve }: ResolveDialogProps): ReactNode {
  const texts = useTexts().resolve;
  const outcomes = Object.entries(texts.outcomes);
  const [outcome, setOutcome] = useState(outcomes[0]?.[0] ?? '');
  const [note, setNote] = useState('');

  const submit = (event?: FormEvent): void => {
    event?.preventDefault();
    onResolve(outcome, note.trim());
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      submit();
    }
  };

  return (
    <form onSubmit={submit} onKeyDown={onKeyDown} aria-label={texts.title}>
      <Stack gap="lg">
        <strong>{subject}</strong>
        <Radio.Group label={texts.outcome} value={outcome} onChange={setOutcome}>
          <Stack gap={10} mt="sm">
            {outcomes.map(([code, label], index) => (
              <Radio key={code} value={code} label={label} data-autofocus={index === 0 || undefined} />
            ))}
          </Stack>
        </Radio.Group>
        <Textarea
          label={texts.note}
          placeholder={texts.notePlaceholder}
          rows={4}
          maxLength={noteMax}
          value={note}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Group justify="flex-end" gap="sm">
          <Button variant="default" onClick={onClose}>
            {texts.cancel}
          </Button>
          <Button type="submit" title={texts.submitHint}>
            {texts.submit}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
