import { Button, NativeSelect, TextInput } from '@mantine/core';
import { useState, type FormEvent, type KeyboardEvent, type ReactNode } from 'react';
import { severities, type Alert } from '../api/alerts';
import { useTexts } from '../i18n/texts';
import { isNone, nameMax, noFilter, tierOf, type AlertFilter } from './filters';
import classes from './FilterPanel.module.css';

interface FilterPanelProps {
  readonly filter: AlertFilter;
  /** Those whose kinds and tiers can be chosen. */
  readonly alerts: readonly Alert[];
  readonly onChange: (filter: AlertFilter) => void;
  readonly onSave: (name: string) => void;
  readonly onClose: () => void;
}

export const filterTextId = 'filter-text';

/** What narrows the list; kept under a name it becomes a view of its own. */
export function FilterPanel({ filter, alerts, onChange, onSave, onClose }: FilterPanelProps): ReactNode {
  const texts = useTexts();
  const words = texts.filters;
  const [name, setName] = useState('');
  const kinds = [...new Set([...Object.keys(texts.alerts.kinds), ...alerts.map((alert) => alert.kind), ...(filter.kind === null ? [] : [filter.kind])])];
  const tiers = [...new Set([...alerts.map(tierOf), ...(filter.tier === null ? [] : [filter.tier])])].filter((tier) => tier !== '').sort();

  const save = (event: FormEvent): void => {
    event.preventDefault();
    if (name.trim() !== '') {
      onSave(name.trim());
      setName('');
    }
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key === 'Escape') {
      event.preventDefault();
      onClose();
    }
  };
  const choice = (label: string, value: string | null, choices: readonly (readonly [string, string])[], onChoice: (value: string | null) => void): ReactNode => (
    <NativeSelect
      size="xs"
      label={label}
      value={value ?? ''}
      data={[{ value: '', label: words.any }, ...choices.map(([code, text]) => ({ value: code, label: text }))]}
      onChange={(event) => onChoice(event.currentTarget.value === '' ? null : event.currentTarget.value)}
    />
  );

  return (
    <div className={classes.panel} role="group" aria-label={words.title} onKeyDown={onKeyDown}>
      <TextInput
        id={filterTextId}
        className={classes.wide}
        size="xs"
        label={words.text}
        value={filter.text}
        onChange={(event) => onChange({ ...filter, text: event.currentTarget.value })}
      />
      {choice(words.kind, filter.kind, kinds.map((kind) => [kind, texts.alerts.kinds[kind] ?? kind]), (kind) => onChange({ ...filter, kind }))}
      {choice(words.severity, filter.severity, severities.map((level) => [level, texts.alerts.severity[level]]), (level) =>
        onChange({ ...filter, severity: severities.find((known) => known === level) ?? null }),
      )}
      {choice(words.tier, filter.tier, tiers.map((tier) => [tier, tier]), (tier) => onChange({ ...filter, tier }))}
      <TextInput
        size="xs"
        type="number"
        min={0}
        label={words.valueMin}
        value={filter.valueMin ?? ''}
        onChange={(event) => onChange({ ...filter, valueMin: event.currentTarget.value === '' ? null : Number(event.currentTarget.value) })}
      />
      <form className={classes.save} onSubmit={save}>
        <TextInput
          size="xs"
          aria-label={words.name}
          placeholder={words.name}
          maxLength={nameMax}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <Button type="submit" size="xs" variant="default" disabled={name.trim() === ''}>
          {words.save}
        </Button>
        <Button size="xs" variant="subtle" disabled={isNone(filter)} onClick={() => onChange(noFilter)}>
          {words.clear}
        </Button>
      </form>
    </div>
  );
}
