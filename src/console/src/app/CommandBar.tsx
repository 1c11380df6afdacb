import { Modal, TextInput } from '@mantine/core';
import { useId, useState, type KeyboardEvent, type ReactNode } from 'react';
import { getCustomer, type Customer } from '../api/customers';
import { ApiError, type Http } from '../api/http';
import { searchCustomers } from '../api/search';
import { bareId, customerName } from '../customers/name';
import { useResource } from '../customers/useResource';
import type { Texts } from '../i18n/en';
import { useTexts } from '../i18n/texts';
import { useSession } from '../session/SessionProvider';
import { customerPath, pagesOf } from './pages';
import { navigate } from './router';
import classes from './CommandBar.module.css';

interface CommandBarProps {
  readonly opened: boolean;
  readonly onClose: () => void;
}

interface Choice {
  readonly key: string;
  readonly group: 'pages' | 'customers';
  readonly label: string;
  readonly hint: string;
  readonly path: string;
}

/** Customers looked through for an id that only begins or contains what was typed: those seen last. */
const recentMax = 200;

/** Customers offered at a time. */
const offeredMax = 8;

/** Goes to a customer or a page by typing. */
export function CommandBar({ opened, onClose }: CommandBarProps): ReactNode {
  const texts = useTexts();
  return (
    <Modal.Root opened={opened} onClose={onClose} lockScroll={false} centered={false} radius="lg" size="lg" yOffset="12vh" padding={0}>
      <Modal.Overlay />
      <Modal.Content aria-label={texts.command.title}>
        <Modal.Body>
          <Commands onClose={onClose} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

function Commands({ onClose }: { readonly onClose: () => void }): ReactNode {
  const texts = useTexts();
  const words = texts.command;
  const { http, session } = useSession();
  const [typed, setTyped] = useState('');
  const [active, setActive] = useState(0);
  const list = useId();
  const wanted = typed.trim();
  const customers = useResource(`find ${wanted}`, [], (signal) => findCustomers(http, wanted, signal));

  const pages: readonly Choice[] = pagesOf(session?.role ?? '')
    .map((page) => ({ key: page.path, group: 'pages' as const, label: texts.nav[page.name], hint: '', path: page.path }))
    .filter((choice) => choice.label.toLowerCase().includes(wanted.toLowerCase()));
  const choices = [...(customers.data ?? []).map((one) => choiceOf(one, texts)), ...pages];
  const index = Math.min(active, choices.length - 1);

  const go = (choice: Choice | undefined): void => {
    if (choice !== undefined) {
      onClose();
      navigate(choice.path);
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0 && choices.length > 0) {
      event.preventDefault();
      setActive((index + step + choices.length) % choices.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      go(choices[index]);
    }
  };
  return (
    <div className={classes.bar}>
      <TextInput
        data-autofocus
        variant="unstyled"
        className={classes.input}
        role="combobox"
        aria-label={words.title}
        aria-expanded="true"
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={choices.length === 0 ? undefined : `${list}-${index}`}
        placeholder={words.placeholder}
        maxLength={300}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={list} role="listbox" aria-label={words.title} className={classes.list}>
        {choices.map((choice, place) => (
          <li
            key={choice.key}
            id={`${list}-${place}`}
            role="option"
            aria-selected={place === index}
            className={classes.choice}
            onClick={() => go(choice)}
            onPointerMove={() => setActive(place)}
          >
            <span className={classes.label}>{choice.label}</span>
            <span className={classes.hint}>{choice.hint === '' ? words[choice.group] : choice.hint}</span>
          </li>
        ))}
      </ul>
      <p className={classes.foot} role="status">
        {wanted !== '' && customers.loading ? words.looking : choices.length === 0 ? words.nothing : words.hint}
      </p>
    </div>
  );
}

interface Found {
  readonly id: string;
  readonly kind: string;
  readonly name: string | null;
  readonly phase: string | null;
}

function choiceOf(found: Found, texts: Texts): Choice {
  const phase = found.phase === null ? '' : (texts.customer.phases[found.phase] ?? found.phase);
  return {
    key: `${found.kind}:${found.id}`,
    group: 'customers',
    label: found.name === null || found.name === found.id ? found.id : `${found.name} · ${found.id}`,
    hint: [found.kind === 'anonymous' ? texts.customer.anonymous : '', phase].filter((part) => part !== '').join(' · '),
    path: customerPath(found.id, found.kind),
  };
}

/** Who has exactly this id, and whose id holds it among those seen last. */
async function findCustomers(http: Http, wanted: string, signal: AbortSignal): Promise<readonly Found[]> {
  if (wanted === '') {
    return [];
  }
  const filter = { phase: '', tier: '', minRisk: 0, segment: '', sort: 'lastSeen' } as const;
  const [exact, recent] = await Promise.all([known(http, wanted, signal), searchCustomers(http, filter, null, recentMax, signal)]);
  const part = bareId(wanted).toLowerCase();
  const like = recent.items
    .filter((one) => one.id.toLowerCase().includes(part) && one.id !== exact?.id)
    .map((one) => ({ id: one.id, kind: one.kind, name: null, phase: one.phase }));
  return [...(exact === null ? [] : [exact]), ...like].slice(0, offeredMax);
}

async function known(http: Http, id: string, signal: AbortSignal): Promise<Found | null> {
  let customer: Customer;
  try {
    customer = await getCustomer(http, id, null, signal);
  } catch (failure) {
    if (failure instanceof ApiError && failure.status >= 400 && failure.status < 500) {
      return null;
    }
    throw failure;
  }
  const kind = customer.identities.includes(`anonymous:${customer.id}`) ? 'anonymous' : 'user';
  return { id: customer.id, kind, name: customerName(customer.id, { traits: customer.traits }), phase: customer.phase };
}
