/** What is found of NATS and its streams by whoever can read them. */
import type { EventLog } from '@flyball/event-log';
import { type Check, passed } from './check.ts';

/** Rejects with NATS_… errors. */
export const foundLog = async (log: EventLog, partitionCount: number): Promise<Check> => {
  const all = [log.events, log.samples, log.minutes, log.deadLetters];
  const states = await Promise.all(all.map((stream) => stream.state()));
  const counts = states.map(({ messages }, index) => `${all[index]?.name} ${messages}`);
  const partitions = `${partitionCount} partitions`;
  return passed('NATS', `${log.serverVersion}, ${partitions}; messages: ${counts.join(', ')}`);
};
