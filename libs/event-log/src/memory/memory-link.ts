/** A connection to the memory server: can be cut and restored, as a real one is. */
import { OutsideError } from '@flyball/contracts';
import type { ConnectionStatus } from '../event-log.ts';
import { Changes, untilChange } from './changes.ts';

export class MemoryLink {
  readonly changes = new Changes();
  #status: ConnectionStatus = 'connected';
  readonly #listeners = new Set<(status: ConnectionStatus) => void>();

  get status(): ConnectionStatus {
    return this.#status;
  }

  become(status: ConnectionStatus): void {
    if (this.#status === status || this.#status === 'closed') return;
    this.#status = status;
    for (const listener of [...this.#listeners]) listener(status);
    this.changes.notify();
  }

  onStatus(listener: (status: ConnectionStatus) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Waits while the connection is cut; throws NATS_UNREACHABLE once it is closed. */
  async whenConnected(): Promise<void> {
    while (this.#status === 'disconnected') await untilChange([this.changes]);
    if (this.#status === 'connected') return;
    throw new OutsideError('NATS_UNREACHABLE', 'The connection to the memory log is closed.', {
      retriable: false,
    });
  }
}
