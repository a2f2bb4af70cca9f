/** Connects a service to the event log, with its readiness and its count of outages. */
import { connectEventLog, type EventLog } from '@flyball/event-log';
import { Counter, type Registry } from 'prom-client';
import type { z } from 'zod';
import type { leaselessSettings } from './common-settings.ts';
import type { Life } from './life.ts';

export interface BusUser {
  readonly user: string;
  readonly password: string;
}

export type BusConfig = {
  readonly [Key in 'natsUrl' | 'natsUser' | 'natsPassword']: z.output<
    (typeof leaselessSettings)[Key]
  >;
};

const reconnectsByRegistry = new WeakMap<Registry, Counter<'connection'>>();

/** One for all connections of a service. */
const reconnectsOf = ({ service, metrics }: Life): Counter<'connection'> => {
  const known = reconnectsByRegistry.get(metrics);
  if (known !== undefined) return known;
  const made = new Counter({
    name: `flyball_${service}_nats_reconnects_total`,
    help: 'Times that a connection to NATS came back after it was lost, by its name.',
    labelNames: ['connection'] as const,
    registers: [metrics],
  });
  reconnectsByRegistry.set(metrics, made);
  return made;
};

/** Its status becomes a condition of readiness, and is counted and logged. */
export const watchConnection = (log: EventLog, name: string, life: Life): void => {
  const condition = life.readiness(name);
  const reconnects = reconnectsOf(life);
  // From the beginning, so that a rate over it sees the first one.
  reconnects.inc({ connection: name }, 0);
  condition.set(true, `connected to NATS ${log.serverVersion}`);
  log.onStatus((status) => {
    condition.set(status === 'connected', status);
    if (status === 'connected') reconnects.inc({ connection: name });
    life.logger.info({ connection: name, status }, 'the connection to NATS changed');
  });
};

/**
 * Connects; `life` closes it. `as` names a second connection under another user (the keeper's).
 * Throws OutsideError NATS_UNREACHABLE or NATS_REFUSED.
 */
export const connectBus = async (
  config: BusConfig,
  life: Life,
  as: { readonly name: string; readonly user?: BusUser } = { name: 'nats' },
): Promise<EventLog> => {
  const { user, password } = as.user ?? { user: config.natsUser, password: config.natsPassword };
  const log = await connectEventLog({
    servers: config.natsUrl,
    ...(user === '' ? {} : { user, password }),
    name: `${life.service}-${life.incarnation}`,
    signal: life.signal,
  });
  life.onClose(as.name, () => log.close());
  watchConnection(log, as.name, life);
  return log;
};
