import { readAlert, readAlertsChanged, readDeskFeed, type Alert } from '../api/alerts';
import { apply, emptyDesk, isBehind, wantsSnapshot, type DeskEvent, type DeskState } from '../alerts/store';
import { retryDelay } from './backoff';
import type { DeskPeople } from './people';
import { isUnauthorized, readRefusal, type Refusal } from './refusal';

/** The part of a SignalR connection that the desk uses. */
export interface HubLink {
  start(): Promise<void>;
  stop(): Promise<void>;
  invoke(method: string, ...args: unknown[]): Promise<unknown>;
  on(method: string, handler: (...args: unknown[]) => void): void;
  onclose(handler: (error?: Error) => void): void;
}

export type LinkStatus = 'connecting' | 'live' | 'reconnecting' | 'offline';

export interface DeskView {
  readonly desk: DeskState;
  readonly status: LinkStatus;
  /** The last moment the list was known to be complete, in milliseconds since the epoch; null before the first answer. */
  readonly confirmedAt: number | null;
  /** How often the desk has come to be live; what was loaded under an earlier connection may be out of date. */
  readonly connections: number;
}

export type CommandResult =
  | { readonly ok: true; readonly alert: Alert }
  | { readonly ok: false; readonly code: Refusal; readonly detail: string };

export interface DeskConnectionOptions {
  readonly desk: string;
  readonly connect: () => HubLink;
  readonly onUnauthorized: () => void;
  /** Told of every connection that is live. */
  readonly people?: DeskPeople;
  readonly now?: () => number;
  readonly chance?: () => number;
}

/**
 * How often the list is confirmed, in milliseconds. Asking for the changes since the last number costs next to nothing, and
 * bounds how long a push that was lost without a successor can stay unnoticed.
 */
const confirmEvery = 15_000;

/** Attempts that fail for this long, in milliseconds, are called offline rather than reconnecting. */
const offlineAfter = 30_000;

/** Requests in a row to close one gap, the last for a whole list; a storm that outruns them waits for the next confirmation. */
const catchUpsMax = 3;

/**
 * One desk over the hub: connects, subscribes, catches up after every break, and says honestly how old the list is. Starts
 * again for ever; only `stop` or the end of the session ends it.
 */
export class DeskConnection {
  private view: DeskView = { desk: emptyDesk, status: 'connecting', confirmedAt: null, connections: 0 };
  private readonly listeners = new Set<() => void>();
  private readonly now: () => number;
  private readonly chance: () => number;
  private link: HubLink | null = null;
  private catchingUp: { readonly link: HubLink; readonly done: Promise<void> } | null = null;
  private stopped = true;
  private run = 0;
  private interruptWait: (() => void) | null = null;

  constructor(private readonly options: DeskConnectionOptions) {
    this.now = options.now ?? (() => Date.now());
    this.chance = options.chance ?? (() => Math.random());
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getView = (): DeskView => this.view;

  start(): void {
    if (!this.stopped) {
      return;
    }
    this.stopped = false;
    window.addEventListener('online', this.onOnline);
    window.addEventListener('offline', this.onOffline);
    this.run += 1;
    void this.keepConnected(this.run);
  }

  stop(): void {
    this.stopped = true;
    window.removeEventListener('online', this.onOnline);
    window.removeEventListener('offline', this.onOffline);
    this.interruptWait?.();
    void this.link?.stop();
    this.link = null;
  }

  /** Sends a command for one alert. Refusals are values; the list has caught up when they arrive. */
  async command(method: string, id: string, ...args: unknown[]): Promise<CommandResult> {
    const link = this.link;
    const sentAt = this.view.desk.sequence;
    if (link === null || sentAt === null || this.view.status !== 'live') {
      return { ok: false, code: 'disconnected', detail: '' };
    }
    try {
      const alert = readAlert(await link.invoke(method, id, ...args));
      if (alert === null) {
        return { ok: false, code: 'unknown', detail: '' };
      }
      this.dispatch({ type: 'answered', alert, sentAt });
      return { ok: true, alert };
    } catch (failure) {
      // What the agent is told next (who has it, how it ended) has to be the newest.
      await this.catchUp(link).catch(() => undefined);
      return { ok: false, ...readRefusal(failure) };
    }
  }

  private async keepConnected(run: number): Promise<void> {
    let attempt = 0;
    let failingSince: number | null = null;
    while (!this.stopped && run === this.run) {
      const link = this.options.connect();
      this.link = link;
      const closed = new Promise<void>((resolve) => link.onclose(() => resolve()));
      link.on('AlertsChanged', (value) => this.onMessage(link, value));
      try {
        await link.start();
        await this.catchUp(link);
        attempt = 0;
        failingSince = null;
        this.show({ status: 'live', connections: this.view.connections + 1 });
        this.options.people?.join(link);
        await this.confirmUntil(link, closed);
      } catch (failure) {
        void link.stop();
        if (run === this.run && isUnauthorized(failure)) {
          this.stop();
          this.options.onUnauthorized();
          return;
        }
      }
      if (this.stopped || run !== this.run) {
        return;
      }
      this.options.people?.leave();
      const now = this.now();
      failingSince ??= now;
      const offline = !navigator.onLine || now - failingSince >= offlineAfter;
      this.show({ status: offline ? 'offline' : this.view.confirmedAt === null ? 'connecting' : 'reconnecting' });
      await this.wait(retryDelay(attempt, this.chance()));
      attempt += 1;
    }
  }

  /** Confirms the list from time to time until the connection closes. */
  private async confirmUntil(link: HubLink, closed: Promise<void>): Promise<void> {
    let open = true;
    const end = closed.then(() => {
      open = false;
      this.interruptWait?.();
    });
    while (open && !this.stopped) {
      await this.wait(confirmEvery);
      if (open && !this.stopped) {
        await this.catchUp(link);
      }
    }
    await end;
  }

  private onMessage(link: HubLink, value: unknown): void {
    const message = readAlertsChanged(value);
    if (message === null || link !== this.link || message.desk !== this.options.desk) {
      return;
    }
    this.dispatch({ type: 'changed', message });
    if (!isBehind(this.view.desk)) {
      this.show({ confirmedAt: this.now() });
    } else if (this.view.status === 'live') {
      // A failure closes the link or shows at the next confirmation.
      this.catchUp(link).catch(() => undefined);
    }
  }

  /** Asks for what was missed. Callers that come while it runs share it. */
  private catchUp(link: HubLink): Promise<void> {
    if (this.catchingUp?.link === link) {
      return this.catchingUp.done;
    }
    const done = this.ask(link).finally(() => {
      if (this.catchingUp?.done === done) {
        this.catchingUp = null;
      }
    });
    this.catchingUp = { link, done };
    return done;
  }

  private async ask(link: HubLink): Promise<void> {
    for (let count = 0; count < catchUpsMax; count++) {
      // The first question of a connection names our number, so that a server whose numbers started anew is recognised.
      const refill = this.view.status === 'live' && wantsSnapshot(this.view.desk);
      const lastTry = count > 0 && count === catchUpsMax - 1;
      const after = refill || lastTry ? null : this.view.desk.sequence;
      const feed = readDeskFeed(await link.invoke('Subscribe', this.options.desk, after));
      if (link !== this.link) {
        return;
      }
      if (feed === null) {
        throw new Error('The hub sent no list.');
      }
      this.dispatch({ type: 'subscribed', after, feed });
      if (!isBehind(this.view.desk)) {
        this.show({ confirmedAt: this.now() });
        return;
      }
    }
  }

  private wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = window.setTimeout(resolve, milliseconds);
      this.interruptWait = () => {
        window.clearTimeout(timer);
        resolve();
      };
    });
  }

  private readonly onOnline = (): void => this.interruptWait?.();

  private readonly onOffline = (): void => {
    // The socket notices up to half a minute later; the browser knows now.
    this.show({ status: 'offline' });
    void this.link?.stop();
  };

  private dispatch(event: DeskEvent): void {
    this.show({ desk: apply(this.view.desk, event) });
  }

  private show(change: Partial<DeskView>): void {
    this.view = { ...this.view, ...change };
    for (const listener of this.listeners) {
      listener();
    }
  }
}
