/** Someone who is being named in a text: where the word begins, and what there is of it after the @. */
export interface Mention {
  readonly start: number;
  readonly begun: string;
}

/** The name that is being written before the caret; null when it is not a name. */
export function mentionAt(text: string, caret: number): Mention | null {
  const found = /(?:^|\s)@([^\s@]*)$/.exec(text.slice(0, caret));
  const begun = found?.[1];
  return begun === undefined ? null : { start: caret - begun.length - 1, begun: begun.toLowerCase() };
}

/** Those whom it may mean, in order, so many at the most. */
export function whoIsMeant(mention: Mention, agents: Iterable<string>, max: number): string[] {
  return [...agents]
    .filter((agent) => agent.toLowerCase().startsWith(mention.begun))
    .sort((one, other) => one.localeCompare(other))
    .slice(0, max);
}

/** The text with the agent named in full, and where the caret then stands. The part before the @ will do where nobody else has the same. */
export function complete(text: string, caret: number, mention: Mention, agent: string, agents: Iterable<string>): { readonly text: string; readonly caret: number } {
  const short = agent.split('@', 1)[0] ?? agent;
  const isClear = [...agents].filter((other) => other.split('@', 1)[0] === short).length < 2;
  const before = `${text.slice(0, mention.start)}@${isClear ? short : agent} `;
  return { text: before + text.slice(caret), caret: before.length };
}
