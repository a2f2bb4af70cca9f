/** What is there is listed at once, though its keys are written again meanwhile. */
import { expect, test } from 'vitest';
import type { EventLog } from '../event-log.ts';
import { openNatsBed } from '../testing/nats-bed.ts';
import { availableNatsServers } from '../testing/nats-server.ts';

/** Enough of them: some consumer is made between two writes, and begins with one too many. */
const listings = 300;
const listedWithinMs = 20_000;
const key = 'decider.member.a';
const filter = 'decider.member.>';
const value = new Uint8Array([1]);

/** At once, as writers that wait for each other seldom meet what a listing counts. */
const writers = 3;

/** Writes the key without a pause while `work` runs. */
const whileRenewed = async (log: EventLog, work: () => Promise<void>): Promise<void> => {
  await log.leases.put(key, value);
  let done = false;
  const write = async () => {
    while (!done) await log.leases.put(key, value);
  };
  const writing = Promise.all(Array.from({ length: writers }, write));
  try {
    await work();
  } finally {
    done = true;
    await writing;
  }
};

const isCurrent = async (log: EventLog): Promise<boolean> => {
  for await (const { current } of log.leases.watch(filter, AbortSignal.timeout(listedWithinMs))) {
    if (current) return true;
  }
  return false;
};

for (const binary of await availableNatsServers()) {
  test(`keys that are renewed while they are listed, on ${binary.version}`, async () => {
    await using bed = await openNatsBed({ binary });
    const [writer, reader] = [await bed.connect(), await bed.connect()];
    await whileRenewed(writer, async () => {
      for (let listing = 0; listing < listings; listing += 1) {
        const listed = await Promise.race([reader.leases.keys(filter), bed.pass(listedWithinMs)]);
        expect(listed, `listing ${listing}`).toEqual([key]);
        expect(await isCurrent(reader), `watch ${listing}`).toBe(true);
      }
    });
  }, 180_000);
}
