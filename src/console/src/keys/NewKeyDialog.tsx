import { Button, Checkbox, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useState, type FormEvent, type ReactNode } from 'react';
import { addKey, keyKinds, keyScopes, type KeyKind } from '../api/keys';
import { Notice } from '../app/Notice';
import { failureText } from '../app/Page';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import classes from './KeysPage.module.css';
import page from '../app/Page.module.css';

interface NewKeyDialogProps {
  readonly opened: boolean;
  readonly onClose: () => void;
  readonly onMade: () => void;
}

/** Makes a key and shows its secret this once; it is nowhere kept, and gone with the dialog. */
export function NewKeyDialog(props: NewKeyDialogProps): ReactNode {
  const texts = useTexts();
  return (
    <Modal
      opened={props.opened}
      onClose={props.onClose}
      // A key that was made and not yet copied must not be lost by a click beside the dialog.
      closeOnClickOutside={false}
      title={texts.keys.addTitle}
      closeButtonProps={{ 'aria-label': texts.page.close }}
    >
      {/* Mounted anew each time it opens: nothing of a secret is left. */}
      <NewKey {...props} />
    </Modal>
  );
}

function NewKey({ onClose, onMade }: NewKeyDialogProps): ReactNode {
  const texts = useTexts();
  const words = texts.keys;
  const { http } = useSession();
  const [kind, setKind] = useState<KeyKind>('api');
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<readonly string[]>(['read', 'decide']);
  const [secret, setSecret] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      setSecret((await addKey(http, { kind, name: name.trim(), scopes })).secret);
      setProblem(null);
      onMade();
    } catch (failure) {
      setProblem(failureText(failure, texts.page));
    }
    setBusy(false);
  };

  if (secret !== null) {
    return <Secret secret={secret} onClose={onClose} />;
  }
  return (
    <form onSubmit={(event) => void submit(event)} className={classes.form} aria-label={words.addTitle}>
      <TextInput data-autofocus label={words.name} placeholder={words.namePlaceholder} maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} />
      <NativeSelect
        label={words.kind}
        description={words.kindHints[kind]}
        value={kind}
        onChange={(event) => setKind(keyKinds.find((known) => known === event.currentTarget.value) ?? 'api')}
        data={keyKinds.map((known) => ({ value: known, label: words.kinds[known] ?? known }))}
      />
      {kind === 'api' && (
        <Checkbox.Group label={words.scopes} value={[...scopes]} onChange={setScopes}>
          <div className={classes.choices}>
            {keyScopes.map((scope) => (
              <Checkbox key={scope} value={scope} label={scope} />
            ))}
          </div>
        </Checkbox.Group>
      )}
      {problem !== null && <Notice tone="warn">{problem}</Notice>}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onClose}>
          {texts.page.cancel}
        </Button>
        <Button type="submit" loading={busy} disabled={kind === 'api' && scopes.length === 0}>
          {words.make}
        </Button>
      </div>
    </form>
  );
}

function Secret({ secret, onClose }: { readonly secret: string; readonly onClose: () => void }): ReactNode {
  const texts = useTexts();
  const words = texts.keys;
  const [copied, setCopied] = useState(false);
  const copy = (): void => {
    // Without a secure context there is no clipboard; the key can be selected by hand.
    void navigator.clipboard?.writeText(secret).then(
      () => setCopied(true),
      () => undefined,
    );
  };
  return (
    <div className={classes.form}>
      <Notice tone="info">
        <strong>{words.madeTitle}</strong> {words.made}
      </Notice>
      <output className={`${page.mono} ${classes.secret}`} aria-label={words.addTitle}>
        {secret}
      </output>
      <div className={classes.buttons}>
        <Button variant="default" onClick={copy}>
          {copied ? texts.page.copied : texts.page.copy}
        </Button>
        <Button onClick={onClose}>{words.done}</Button>
      </div>
    </div>
  );
}
