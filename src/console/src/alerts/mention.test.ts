import { describe, expect, it } from 'vitest';
import { complete, mentionAt, whoIsMeant } from './mention';

const agents = ['bob@shop.example', 'ada@shop.example', 'adam@shop.example', 'ada@branch.example'];

function named(text: string, agent: string) {
  const mention = mentionAt(text, text.length);
  return mention === null ? null : complete(text, text.length, mention, agent, agents);
}

describe('a mention', () => {
  it.each([
    ['ask @ad', { start: 4, begun: 'ad' }],
    ['@', { start: 0, begun: '' }],
    ['ask @Ad', { start: 4, begun: 'ad' }],
    ['mail ada@shop', null],
    ['ask @ada now', null],
    ['nobody', null],
  ])('in %j is %o', (text, mention) => {
    expect(mentionAt(text, text.length)).toEqual(mention);
  });

  it('stands before the caret, whatever comes after it', () => {
    expect(mentionAt('@ad please', 3)).toEqual({ start: 0, begun: 'ad' });
    expect(complete('@bo please', 3, { start: 0, begun: 'bo' }, 'bob@shop.example', agents)).toEqual({ text: '@bob  please', caret: 5 });
  });

  it('means those who begin so', () => {
    expect(whoIsMeant({ start: 0, begun: 'ad' }, agents, 2)).toEqual(['ada@branch.example', 'ada@shop.example']);
    expect(whoIsMeant({ start: 0, begun: 'z' }, agents, 2)).toEqual([]);
  });

  it('is short where that is clear', () => {
    expect(named('ask @b', 'bob@shop.example')?.text).toBe('ask @bob ');
    expect(named('ask @a', 'ada@shop.example')?.text).toBe('ask @ada@shop.example ');
  });
});
