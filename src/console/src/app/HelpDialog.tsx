import { Kbd, Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTexts } from '../i18n/texts';
import classes from './HelpDialog.module.css';

export function HelpDialog(props: { readonly opened: boolean; readonly onClose: () => void }): ReactNode {
  const texts = useTexts();
  const { help } = texts;
  const rows: readonly (readonly [readonly string[], string])[] = [
    [['J', '↓'], help.next],
    [['K', '↑'], help.previous],
    [['Enter'], help.open],
    [['Esc'], help.back],
    [['C'], help.claim],
    [['U'], help.release],
    [['R'], help.resolve],
    [['S'], help.snooze],
    [['A'], help.assign],
    [['N'], help.note],
    [['X'], help.mark],
    [['1', '2', '3', '4'], help.views],
    [['F'], help.filter],
    [['Ctrl K', '/'], help.command],
    [['?'], help.help],
  ];
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={help.title} closeButtonProps={{ 'aria-label': help.close }}>
      <dl className={classes.list}>
        {rows.map(([keys, text]) => (
          <div key={text} className={classes.row}>
            <dt>{text}</dt>
            <dd>
              {keys.map((key, index) => (
                <span key={key}>
                  {index > 0 && <span className={classes.or}>{help.or}</span>}
                  <Kbd>{key}</Kbd>
                </span>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
