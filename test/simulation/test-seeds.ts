/** A share of the default seeds, as tests; several files have one each, to run side by side. */
import { describe, expect, it } from 'vitest';
import { commandOf } from './cut-plan.ts';
import { drawPlan } from './faults/draw-plan.ts';
import { judgePlan } from './simulate.ts';

const seedsPerFile = 250;
const seedsPerTest = 25;

/** Tests the seeds of one of four files, counted from 1: faults, then calm, all judged. */
export const testSeeds = (file: 1 | 2 | 3 | 4): void => {
  const first = (file - 1) * seedsPerFile + 1;
  const starts = Array.from(
    { length: seedsPerFile / seedsPerTest },
    (_, number) => first + number * seedsPerTest,
  );
  describe('faults, then calm', () => {
    it.each(starts)('seeds from %i', async (from) => {
      const failed: string[] = [];
      for (let seed = from; seed < from + seedsPerTest; seed += 1) {
        const { wrong } = await judgePlan(drawPlan(seed));
        if (wrong.length > 0) failed.push(`${commandOf(seed, {})}\n  ${wrong.join('\n  ')}`);
      }
      expect(failed).toEqual([]);
    });
  });
};
