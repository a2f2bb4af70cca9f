/** Real processes that hold leases are killed and frozen. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { holdLeases, type LeaseHolder } from '../leases.ts';
import { type NatsBed, openNatsBed } from '../testing/nats-bed.ts';
import { availableNatsServers } from '../testing/nats-server.ts';

const program = fileURLToPath(new URL('../testing/lease-process.ts', import.meta.url));
const waits = { timeout: 15_000 };

interface OtherProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly said: readonly string[];
}

const startOther = (bed: NatsBed): OtherProcess => {
  const child = spawn(process.execPath, [program, bed.server.url, 'other'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => said.push(line));
  const end = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return { child, said, [Symbol.asyncDispose]: end };
};

const holdHere = async (bed: NatsBed, signal: AbortSignal): Promise<LeaseHolder> => {
  const log = await bed.connect();
  return holdLeases({
    bucket: log.leases,
    stage: 'decider',
    instance: 'here',
    partitionCount: 4,
    signal,
    onGained: () => {},
    onStatus: (listener) => log.onStatus(listener),
  });
};

for (const binary of await availableNatsServers()) {
  describe(`lease holders on nats-server ${binary.version}`, () => {
    test("a killed process's partitions are taken over", async () => {
      await using bed = await openNatsBed({ binary });
      await using other = startOther(bed);
      await expect.poll(() => other.said.length, waits).toBe(4);
      const stop = new AbortController();
      const here = await holdHere(bed, stop.signal);
      await expect.poll(() => here.partitions.length, waits).toBe(2);
      other.child.kill('SIGKILL');
      await expect.poll(() => here.partitions, waits).toEqual([0, 1, 2, 3]);
      expect(here.memberCount).toBe(1);
      stop.abort();
      await here.ended;
    });

    test('a frozen process wakes up owning nothing that others took', async () => {
      await using bed = await openNatsBed({ binary });
      await using other = startOther(bed);
      await expect.poll(() => other.said.length, waits).toBe(4);
      const stop = new AbortController();
      const here = await holdHere(bed, stop.signal);
      await expect.poll(() => here.partitions.length, waits).toBe(2);
      const handedOver = other.said.length;
      other.child.kill('SIGSTOP');
      await expect.poll(() => here.partitions, waits).toEqual([0, 1, 2, 3]);
      other.child.kill('SIGCONT');
      await expect
        .poll(
          () => other.said.slice(handedOver).filter((line) => line.startsWith('stopped')),
          waits,
        )
        .toHaveLength(2);
      await expect.poll(() => here.partitions.length, waits).toBe(2);
      stop.abort();
      await here.ended;
    });
  });
}
