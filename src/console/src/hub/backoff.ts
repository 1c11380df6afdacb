/** The longest wait between two attempts, in milliseconds: an agent must not sit before a dead list for longer. */
const waitMax = 10_000;

const waitFirst = 500;

/**
 * How long to wait before attempt `attempt` (0 for the first retry), in milliseconds. Doubles up to a bound; `chance` (0..1)
 * spreads the clients of a restarted server over half of the time.
 */
export function retryDelay(attempt: number, chance: number): number {
  const full = Math.min(waitMax, waitFirst * 2 ** Math.min(attempt, 10));
  return full * (0.5 + chance / 2);
}
