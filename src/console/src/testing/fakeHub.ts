import type { HubLink } from '../hub/deskConnection';

/** A hub that answers from a script and can be cut. */
export class FakeLink implements HubLink {
  readonly asked: unknown[][] = [];
  private readonly handlers = new Map<string, (...args: unknown[]) => void>();
  private readonly closed: ((error?: Error) => void)[] = [];

  constructor(
    private readonly answer: (method: string, args: unknown[]) => unknown,
    private readonly startFailure: Error | null = null,
  ) {}

  start(): Promise<void> {
    return this.startFailure === null ? Promise.resolve() : Promise.reject(this.startFailure);
  }

  stop(): Promise<void> {
    this.cut();
    return Promise.resolve();
  }

  invoke(method: string, ...args: unknown[]): Promise<unknown> {
    this.asked.push([method, ...args]);
    return Promise.resolve().then(() => this.answer(method, args));
  }

  on(method: string, handler: (...args: unknown[]) => void): void {
    this.handlers.set(method, handler);
  }

  onclose(handler: (error?: Error) => void): void {
    this.closed.push(handler);
  }

  push(message: unknown): void {
    this.send('AlertsChanged', message);
  }

  send(method: string, message: unknown): void {
    this.handlers.get(method)?.(message);
  }

  cut(): void {
    this.closed.splice(0).forEach((handler) => handler());
  }
}

/** An answer to `Subscribe`. */
export function deskFeed(sequence: number, fields: object = {}): object {
  return { desk: 'default', sequence, total: 0, alerts: [], changes: [], ...fields };
}
