/** One connection to NATS: its state, its retries, its end. */
import { setTimeout as sleep } from 'node:timers/promises';
import { OutsideError } from '@flyball/contracts';
import type { NatsConnection, Status } from '@nats-io/nats-core';
import type { ConnectionStatus } from '../event-log.ts';
import { type EventLogLimits, retryPauseMs } from './limits.ts';
import { ConnectionLost, failureKind, isRefusal, toOutsideError } from './nats-failure.ts';

type Listener = (status: ConnectionStatus) => void;

const statusAfter = (type: Status['type']): ConnectionStatus | undefined => {
  if (type === 'disconnect') return 'disconnected';
  if (type === 'reconnect') return 'connected';
  return type === 'close' ? 'closed' : undefined;
};

const pauseMs = (attempt: number): number =>
  Math.min(retryPauseMs.most, retryPauseMs.first * 2 ** attempt);

/** Wraps a NATS connection with status listeners and the retry that every request goes through. */
export class Link {
  readonly connection: NatsConnection;
  readonly limits: EventLogLimits;
  /** Why the connection ended for good, when it was not us who closed it. */
  failure: OutsideError | undefined;
  /** Counts the connections, from 1. */
  connectionNumber = 1;
  #status: ConnectionStatus = 'connected';
  #closing = false;
  readonly #listeners = new Set<Listener>();
  readonly #aborts = new Set<(reason: Error) => void>();

  constructor(connection: NatsConnection, limits: EventLogLimits) {
    this.connection = connection;
    this.limits = limits;
    void this.#follow();
  }

  get status(): ConnectionStatus {
    return this.#status;
  }

  onStatus(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Runs `attempt` until it answers: again after a timeout, a lost connection or a server that is
   * not ready. Throws an OutsideError when no retry helps or `callMs` have passed.
   */
  async untilAnswered<T>(doing: string, attempt: () => Promise<T>): Promise<T> {
    const startedAtMs = performance.now();
    for (let tries = 0; ; tries += 1) {
      try {
        await this.#whenConnected(startedAtMs + this.limits.callMs);
        return await this.#unlessLost(attempt);
      } catch (error) {
        const passedMs = performance.now() - startedAtMs;
        const kind = failureKind(error);
        const limitMs = kind === 'missing' ? this.limits.missingStreamMs : this.limits.callMs;
        if (kind === 'final' || passedMs >= limitMs || this.#status === 'closed') {
          throw toOutsideError(error, doing);
        }
        await sleep(pauseMs(tries));
      }
    }
  }

  /**
   * To be asked right before something is sent: what is sent goes out over this connection or not
   * at all. Throws NATS_RECONNECTED when it may only go over an earlier one.
   */
  expectConnection(number: number | undefined, doing: string): void {
    if (number === undefined || number === this.connectionNumber) return;
    throw new OutsideError('NATS_RECONNECTED', `${doing}: the connection was made anew`, {
      retriable: true,
    });
  }

  /** Waits for what is under way, for at most `closeMs`, then closes. */
  async close(underWay: Promise<void>): Promise<void> {
    this.#closing = true;
    if (this.#status === 'connected') {
      const done = new AbortController();
      const limit = sleep(this.limits.closeMs, undefined, { signal: done.signal });
      await Promise.race([underWay, limit]).finally(() => done.abort());
      limit.catch(() => undefined);
    }
    await this.connection.close();
    this.#become('closed');
  }

  async #follow(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      const next = statusAfter(type);
      if (next === 'closed') await this.#explainEnd();
      if (next !== undefined) this.#become(next);
    }
    await this.#explainEnd();
    this.#become('closed');
  }

  async #explainEnd(): Promise<void> {
    const cause = await this.connection.closed();
    if (this.#closing || this.failure !== undefined) return;
    const reason = cause instanceof Error ? `: ${cause.message}` : '';
    this.failure = new OutsideError(
      isRefusal(cause) ? 'NATS_REFUSED' : 'NATS_UNREACHABLE',
      `NATS at ${this.connection.getServer()} ended the connection for good${reason}`,
      { retriable: false, cause },
    );
  }

  #become(status: ConnectionStatus): void {
    if (this.#status === status || this.#status === 'closed') return;
    this.#status = status;
    if (status === 'connected') this.connectionNumber += 1;
    if (status !== 'connected') {
      for (const abort of [...this.#aborts]) abort(new ConnectionLost(`connection ${status}`));
    }
    for (const listener of [...this.#listeners]) listener(status);
  }

  /** A request under way when the connection is lost gets no answer: do not wait its time out. */
  #unlessLost<T>(attempt: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#aborts.add(reject);
      attempt()
        .then(resolve, reject)
        .finally(() => this.#aborts.delete(reject));
    });
  }

  async #whenConnected(deadlineMs: number): Promise<void> {
    if (this.#status === 'connected') return;
    if (this.#status === 'closed') throw this.failure ?? this.#unreachable('is closed', false);
    const leftMs = Math.max(0, deadlineMs - performance.now());
    const back = await new Promise<boolean>((resolve) => {
      const settle = (isBack: boolean) => {
        clearTimeout(timer);
        stop();
        resolve(isBack);
      };
      const timer = setTimeout(() => settle(false), leftMs);
      const stop = this.onStatus(() => settle(true));
    });
    if (!back) throw this.#unreachable(`was away for ${this.limits.callMs} ms`, true);
    return this.#whenConnected(deadlineMs);
  }

  #unreachable(what: string, retriable: boolean): OutsideError {
    return new OutsideError(
      'NATS_UNREACHABLE',
      `The connection to ${this.connection.getServer()} ${what}. Check that NATS runs.`,
      { retriable },
    );
  }
}
