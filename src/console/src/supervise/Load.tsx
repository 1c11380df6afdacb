import type { ReactNode } from 'react';
import type { DeskLoad } from '../api/supervise';
import { Table } from '../app/Page';
import { PresenceDot } from '../app/People';
import { useNow } from '../app/useNow';
import { Tile, Tiles } from '../numbers/Tile';
import { formatNumber, formatSpan } from '../i18n/format';
import { useTexts } from '../i18n/texts';
import page from '../app/Page.module.css';
import people from '../app/People.module.css';

/** What lies on the desk now, and on whom. */
export function Load({ load }: { readonly load: DeskLoad }): ReactNode {
  const texts = useTexts();
  const words = texts.supervise;
  const now = useNow(10_000);
  const number = (value: number): string => formatNumber(texts, value);
  const age = (instant: string | null): string => (instant === null ? texts.page.none : formatSpan(texts, now - Date.parse(instant)));
  const states: Readonly<Record<string, string>> = texts.presence.states;
  return (
    <>
      <Tiles>
        <Tile name={words.open} value={number(load.open)} />
        <Tile name={words.unassigned} value={number(load.unassigned)} />
        <Tile name={words.dueSoon} value={number(load.dueWithinHour)} />
        <Tile name={words.breached} value={number(load.breached)} hint={words.breachedHint} />
        <Tile name={words.snoozed} value={number(load.snoozed)} />
        <Tile name={words.oldest} value={age(load.oldestAt)} />
        <Tile name={words.resolvedToday} value={number(load.resolvedToday)} />
      </Tiles>
      {load.agents.length === 0 ? (
        <p className={page.empty}>{words.nobody}</p>
      ) : (
        <Table caption={words.agents}>
          <thead>
            <tr>
              <th scope="col">{words.agent}</th>
              <th scope="col">{words.presence}</th>
              {[words.has, words.notActedOn, words.snoozed, words.breached, words.oldest, words.resolvedToday].map((head) => (
                <th key={head} scope="col" className={page.number}>
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {load.agents.map((agent) => (
              <tr key={agent.agent}>
                <th scope="row">{agent.agent}</th>
                <td>
                  <span className={people.choice}>
                    <PresenceDot state={agent.presence} />
                    {states[agent.presence] ?? agent.presence}
                  </span>
                </td>
                <td className={page.number}>{agent.inTurn ? words.of(number(agent.claimed), number(agent.capacity)) : number(agent.claimed)}</td>
                <td className={page.number}>{number(agent.notActedOn)}</td>
                <td className={page.number}>{number(agent.snoozed)}</td>
                <td className={page.number}>{number(agent.breached)}</td>
                <td className={page.number}>{age(agent.oldestAt)}</td>
                <td className={page.number}>{number(agent.resolvedToday)}</td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </>
  );
}
