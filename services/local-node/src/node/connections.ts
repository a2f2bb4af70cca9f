/** Waits until nobody is connected to a pod: what is in flight there has been answered then. */
import { readFile } from 'node:fs/promises';
import type { Clock } from '@flyball/service';

export interface Connections {
  /** Resolves when nobody is connected to it, or after `limitMs`; at once where none can tell. */
  readonly quiet: (host: string, port: number, limitMs: number) => Promise<void>;
}

const pollMs = 50;
const established = '01';
/** How an IPv4 address looks in the table of IPv6 connections. */
const mappedPrefix = '0000000000000000FFFF0000';

/** `127.2.0.1:31080` as the kernel's tables write it: `0100027F:7968`. */
const tableAddress = (host: string, port: number): string => {
  const bytes = host.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return `${bytes.toReversed().join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
};

const readTable = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8');
  } catch {
    // Not Linux: nothing can be told.
    return undefined;
  }
};

/** Local addresses of all established connections; undefined where there are no such tables. */
const connectedAddresses = async (): Promise<ReadonlySet<string> | undefined> => {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(readTable));
  if (tables[0] === undefined) return undefined;
  const rows = tables.flatMap((table) => (table ?? '').split('\n').slice(1));
  const fields = rows.map((row) => row.trim().split(/\s+/));
  const connected = fields.filter(([, , , state]) => state === established);
  return new Set(connected.map(([, local = '']) => local.replace(mappedPrefix, '')));
};

interface Waiter {
  readonly address: string;
  readonly deadlineMs: number;
  readonly done: () => void;
}

/** One reading of the tables serves all pods that wait. */
export const createConnections = (clock: Clock): Connections => {
  const waiters = new Set<Waiter>();
  let polling = false;
  const poll = async (): Promise<void> => {
    const connected = await connectedAddresses();
    for (const waiter of waiters) {
      const late = clock.monotonicMs() >= waiter.deadlineMs;
      if (!late && connected?.has(waiter.address) === true) continue;
      waiters.delete(waiter);
      waiter.done();
    }
    polling = waiters.size > 0;
    if (polling) clock.after(pollMs, () => void poll());
  };
  return {
    quiet: (host, port, limitMs) =>
      new Promise((done) => {
        const deadlineMs = clock.monotonicMs() + limitMs;
        waiters.add({ address: tableAddress(host, port), deadlineMs, done });
        if (polling) return;
        polling = true;
        void poll();
      }),
  };
};
