import { Button, Loader, PasswordInput, Text, TextInput, Title } from '@mantine/core';
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from 'react';
import { ApiError } from '../api/http';
import { Mark } from '../app/icons';
import { Notice } from '../app/Notice';
import type { Texts } from '../i18n/en';
import { useTexts } from '../i18n/texts';
import { useSession } from './SessionProvider';
import classes from './SignIn.module.css';

export function SignIn(): ReactNode {
  const texts = useTexts();
  const session = useSession();
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(session.link !== null);
  const [problem, setProblem] = useState<string | null>(null);
  const redeemed = useRef<string | null>(null);

  const attempt = async (work: Promise<void>, describe: (failure: unknown) => string): Promise<void> => {
    setBusy(true);
    setProblem(null);
    try {
      await work;
    } catch (failure) {
      setProblem(describe(failure));
      setBusy(false);
    }
  };

  const { link, redeem } = session;
  useEffect(() => {
    // A link works once; a second run of this effect must not spend it again.
    if (link !== null && redeemed.current !== link) {
      redeemed.current = link;
      void attempt(redeem(link), (failure) => describeLinkFailure(texts, failure));
    }
  }, [link, redeem, texts]);

  const submit = (event: FormEvent): void => {
    event.preventDefault();
    void attempt(session.signIn(email.trim(), password), (failure) => describeFailure(texts, failure));
  };

  const redeeming = busy && password === '';
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <div className={classes.brand}>
          <Mark size={36} />
          <div>
            <Title order={1} size="h3">
              {texts.product}
            </Title>
            <Text size="sm" c="dimmed">
              {texts.signIn.subtitle}
            </Text>
          </div>
        </div>
        {redeeming ? (
          <div className={classes.redeeming} role="status">
            <Loader size="sm" />
            <Text>{texts.signIn.redeeming}</Text>
          </div>
        ) : (
          <form onSubmit={submit} className={classes.form} aria-label={texts.signIn.title}>
            {session.signedOut === 'ended' && problem === null && <Notice tone="info">{texts.signIn.ended}</Notice>}
            {problem !== null && <Notice tone="error">{problem}</Notice>}
            <TextInput
              label={texts.signIn.email}
              name="email"
              type="email"
              autoComplete="username"
              required
              withAsterisk={false}
              data-autofocus
              autoFocus
              value={email}
              onChange={(event) => setEmail(event.currentTarget.value)}
            />
            <PasswordInput
              label={texts.signIn.password}
              name="password"
              autoComplete="current-password"
              required
              withAsterisk={false}
              value={password}
              onChange={(event) => setPassword(event.currentTarget.value)}
            />
            <Button type="submit" loading={busy} fullWidth mt="xs">
              {texts.signIn.submit}
            </Button>
          </form>
        )}
      </div>
    </main>
  );
}

function describeFailure(texts: Texts, failure: unknown): string {
  if (!(failure instanceof ApiError)) {
    return texts.signIn.failed;
  }
  switch (failure.status) {
    case 0:
      return texts.signIn.unreachable;
    case 400:
    case 401:
    case 403:
      return texts.signIn.wrong;
    case 429:
      return texts.signIn.tooMany;
    default:
      return texts.signIn.failed;
  }
}

function describeLinkFailure(texts: Texts, failure: unknown): string {
  const spent = failure instanceof ApiError && failure.status >= 400 && failure.status < 500 && failure.status !== 429;
  return spent ? texts.signIn.linkUsed : describeFailure(texts, failure);
}
