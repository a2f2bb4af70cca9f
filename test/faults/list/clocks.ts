/** Wall clocks that jump: one service's clock is off for a while, then right again. */
import { writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import type { Bed } from '../bed/bed.ts';
import { type Stage, stages } from '../bed/proxied-machine.ts';
import type { Fault } from '../fault.ts';
import { pidOf } from './signals.ts';

const offMs = 8_000;
const jumpMs = 30_000;

const setClock = async (bed: Bed, stage: Stage, offsetMs: number): Promise<void> => {
  await writeFile(bed.flyball.clockFile(stage), String(offsetMs));
  process.kill(pidOf(bed, stage), 'SIGUSR2');
};

const jump = (stage: Stage, offsetMs: number): Fault => ({
  name: `clock of ${stage} ${offsetMs > 0 ? '+' : '-'}${Math.abs(offsetMs) / 1_000} s`,
  about: `The clock of ${stage} jumps, and jumps back after ${offMs / 1_000} s.`,
  bed: 'shiftable clocks',
  roundsMax: 2,
  hurt: async (bed) => {
    await setClock(bed, stage, offsetMs);
    try {
      await wait(offMs);
    } finally {
      await setClock(bed, stage, 0);
    }
    return { recoverFromMs: Date.now() };
  },
});

export const clockFaults: readonly Fault[] = stages.flatMap((stage) => [
  jump(stage, -jumpMs),
  jump(stage, jumpMs),
]);
