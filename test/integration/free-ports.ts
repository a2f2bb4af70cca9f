/** Ports for several servers at once. */
import { freePort } from '@flyball/event-log/testing';

/** So many free ports of 127.0.0.1, none of them twice. */
export const freePorts = async (count: number): Promise<readonly number[]> => {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
};
