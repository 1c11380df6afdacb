/** How long an alert can be put aside. */
export const snoozes = ['hour', 'hours', 'tomorrow', 'week'] as const;
export type Snooze = (typeof snoozes)[number];

const hour = 3_600_000;

/** When the working day begins, in the agent's own time. */
const morning = 9;

/** The instant at which an alert that is put aside now comes back. */
export function snoozeUntil(snooze: Snooze, now: Date): Date {
  switch (snooze) {
    case 'hour':
      return new Date(now.getTime() + hour);
    case 'hours':
      return new Date(now.getTime() + 4 * hour);
    case 'tomorrow':
      return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, morning);
    case 'week':
      return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 7, morning);
  }
}
