/** Connects a service to the event log, with its readiness and its count of outages. */
import { connectEventLog, type EventLog } from '@flyball/event-log';
import { Counter } from 'prom-client';
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

const watchStatus = (log: EventLog, name: string, life: Life): void => {
  const condition = life.readiness(name);
  const reconnects = new Counter({
    name: `flyball_${life.service}_${name}_reconnects_total`,
    help: `Times that the connection ${name} came back after it was lost.`,
    registers: [life.metrics],
  });
  condition.set(true, `connected to NATS ${log.serverVersion}`);
  log.onStatus((status) => {
    condition.set(status === 'connected', status);
    if (status === 'connected') reconnects.inc();
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
  watchStatus(log, as.name, life);
  return log;
};
