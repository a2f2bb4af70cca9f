/** Which deciders live and what they can do, kept so that a new partition can be told it. */
import { announcedAlgorithms, type LivingDecider } from '@flyball/domain';
import { type EventLog, followMembers, type Member } from '@flyball/event-log';
import type { Life } from '@flyball/service';

type Listener = (deciders: readonly LivingDecider[]) => void;

export interface DeciderSight {
  /** Tells who lives now, once that is known, then every change, until the signal aborts. */
  subscribe(listener: Listener, signal: AbortSignal): void;
  /** Follows the deciders until the signal aborts. */
  follow(signal: AbortSignal): Promise<void>;
}

const deciderOf = ({ instance, abilities }: Member): LivingDecider => ({
  instance,
  algorithms: announcedAlgorithms(abilities),
});

/** One watch for all partitions of the process. */
export const createDeciderSight = (log: EventLog, life: Life): DeciderSight => {
  const { clock, logger } = life;
  const listeners = new Set<Listener>();
  let living: readonly LivingDecider[] | undefined;
  return {
    subscribe: (listener, signal) => {
      if (living !== undefined) listener(living);
      if (signal.aborted) return;
      listeners.add(listener);
      signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
    follow: (signal) =>
      followMembers({
        bucket: log.leases,
        stage: 'decider',
        signal,
        clock,
        onStatus: (listener) => log.onStatus(listener),
        onTrouble: (error) => logger.warn({ err: error }, 'could not look for the deciders'),
        onChanged: (members) => {
          living = members.map(deciderOf);
          logger.info({ deciders: living }, 'the deciders that live');
          for (const listener of [...listeners]) listener(living);
        },
      }),
  };
};
