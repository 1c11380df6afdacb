import { expect, it } from 'vitest';
import { FakeLink } from '../testing/fakeHub';
import { DeskPeople } from './people';

const settle = () => new Promise((resolve) => setTimeout(resolve));
const answer = (method: string, args: unknown[]): unknown =>
  method === 'Presence'
    ? { agents: [{ agent: 'ben@shop.example', state: 'busy' }, { agent: 'eve@shop.example', state: 'offline' }] }
    : method === 'Looking'
      ? { alert: args[0], agents: ['ben@shop.example'] }
      : {};

it('Whoever comes says how they want to be seen and what they look at, and hears of the others', async () => {
  const people = new DeskPeople('busy');
  const link = new FakeLink(answer);
  people.open('1-1-0');
  people.join(link);
  await settle();
  expect(link.asked).toEqual([['SetPresence', 'busy'], ['Presence'], ['Looking', '1-1-0']]);
  expect([...people.getView().there]).toEqual([['ben@shop.example', 'busy']]);
  expect(people.getView().lookers).toEqual(['ben@shop.example']);
});

it('Changes are taken, and those of an alert that is no longer open are not', async () => {
  const people = new DeskPeople('online');
  const link = new FakeLink(answer);
  people.join(link);
  people.open('1-1-0');
  await settle();
  link.send('PresenceChanged', { agents: [{ agent: 'ben@shop.example', state: 'offline' }, { agent: 'ada@shop.example', state: 'away' }] });
  link.send('LookersChanged', { alert: '9-9-0', agents: ['eve@shop.example'] });
  expect([...people.getView().there]).toEqual([['ada@shop.example', 'away']]);
  expect(people.getView().lookers).toEqual(['ben@shop.example']);
});

it('Without a connection nobody is known to be there', async () => {
  const people = new DeskPeople('online');
  people.join(new FakeLink(answer));
  await settle();
  people.leave();
  expect(people.getView().there.size).toBe(0);
});
