import { asArray, asObject, asText, asWire } from '../api/read';
import type { Schemas } from '../api/schema.gen';
import type { HubLink } from './deskConnection';

export const presences = ['online', 'busy', 'away'] as const satisfies readonly Schemas['Presence']['state'][];
export type OwnPresence = (typeof presences)[number];
export type Presence = Schemas['Presence']['state'];

export interface PeopleView {
  /** Everybody who is there, by address; who is not in it is offline. */
  readonly there: ReadonlyMap<string, Presence>;
  /** How this agent wants to be seen. */
  readonly own: OwnPresence;
  /** The alert on this screen. */
  readonly alert: string | null;
  /** Who has that alert open, this agent among them. */
  readonly lookers: readonly string[];
}

/**
 * Who else is at work, and at what. A hint and no more: nothing here decides who may do what, and what cannot be told is left out
 * without a word.
 */
export class DeskPeople {
  private view: PeopleView;
  private readonly listeners = new Set<() => void>();
  private link: HubLink | null = null;

  constructor(own: OwnPresence) {
    this.view = { there: new Map(), own, alert: null, lookers: [] };
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getView = (): PeopleView => this.view;

  /** The connection is live: says who is here, and asks who else is. The server forgets with the connection. */
  join(link: HubLink): void {
    this.link = link;
    link.on('PresenceChanged', (value) => link === this.link && this.show({ there: merge(this.view.there, value) }));
    link.on('LookersChanged', (value) => link === this.link && this.look(value));
    void this.ask(link, 'SetPresence', this.view.own);
    void this.ask(link, 'Presence').then((value) => link === this.link && this.show({ there: merge(new Map(), value) }));
    this.tellAlert();
  }

  leave(): void {
    this.link = null;
    this.show({ there: new Map(), lookers: [] });
  }

  setPresence(own: OwnPresence): void {
    this.show({ own });
    if (this.link !== null) {
      void this.ask(this.link, 'SetPresence', own);
    }
  }

  /** Another alert is on the screen, or none. */
  open(alert: string | null): void {
    if (alert !== this.view.alert) {
      this.show({ alert, lookers: [] });
      this.tellAlert();
    }
  }

  private tellAlert(): void {
    const link = this.link;
    if (link !== null) {
      void this.ask(link, 'Looking', this.view.alert).then((value) => link === this.link && this.look(value));
    }
  }

  private look(value: unknown): void {
    const raw = asObject(value);
    if (raw !== null && this.view.alert !== null && asText(raw['alert']) === this.view.alert) {
      this.show({ lookers: asArray(raw['agents']).map(asText) });
    }
  }

  /** Undefined when there is no answer. */
  private ask(link: HubLink, method: string, ...args: unknown[]): Promise<unknown> {
    return link.invoke(method, ...args).catch(() => undefined);
  }

  private show(change: Partial<PeopleView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of this.listeners) {
      listener();
    }
  }
}

function merge(before: ReadonlyMap<string, Presence>, value: unknown): ReadonlyMap<string, Presence> {
  const there = new Map(before);
  for (const item of asArray(asObject(value)?.['agents'])) {
    const raw = asWire<Schemas['Presence']>(item);
    const [agent, state] = [asText(raw?.['agent']), asText(raw?.['state'])];
    const known = presences.find((name) => name === state);
    if (known === undefined) {
      there.delete(agent);
    } else if (agent !== '') {
      there.set(agent, known);
    }
  }
  return there;
}
