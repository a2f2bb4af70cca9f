/** A connection to the memory server: can be cut and restored, as a real one is. */
import { OutsideError } from '@flyball/contracts';
import type { ConnectionStatus } from '../event-log.ts';
import { Changes, untilChange } from './changes.ts';

export class MemoryLink {
  readonly changes = new Changes();
  /** Counts the connections, from 1. */
  connectionNumber = 1;
  #status: ConnectionStatus = 'connected';
  readonly #listeners = new Set<(status: ConnectionStatus) => void>();

  get status(): ConnectionStatus {
    return this.#status;
  }

  become(status: ConnectionStatus): void {
    if (this.#status === status || this.#status === 'closed') return;
    this.#status = status;
    if (status === 'connected') this.connectionNumber += 1;
    for (const listener of [...this.#listeners]) listener(status);
    this.changes.notify();
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /**
   * Waits while the connection is cut; throws NATS_UNREACHABLE once it is closed, NATS_RECONNECTED
   * when it is a later one than the one that is asked for.
   */
  async whenConnected(number?: number): Promise<void> {
    while (this.#status === 'disconnected') await untilChange([this.changes]);
    if (this.#status === 'connected') return this.#expect(number);
    throw new OutsideError('NATS_UNREACHABLE', 'The connection to the memory log is closed.', {
      retriable: false,
    });
  }

  #expect(number: number | undefined): void {
    if (number === undefined || number === this.connectionNumber) return;
    throw new OutsideError('NATS_RECONNECTED', 'The connection to the log was made anew.', {
      retriable: true,
    });
  }
}
