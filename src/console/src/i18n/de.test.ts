import { expect, it } from 'vitest';
import { de } from './de';
import { en } from './en';

function keysOf(words: object, path = ''): string[] {
  return Object.entries(words).flatMap(([name, word]) => (typeof word === 'object' ? keysOf(word as object, `${path}${name}.`) : [path + name]));
}

it('German has a word for every English one', () => {
  expect(keysOf(de)).toEqual(expect.arrayContaining(keysOf(en)));
});
