/** Virtual time beside real sockets: it goes by no faster than this process can follow. */
import { setTimeout as waited } from 'node:timers/promises';
import type { VirtualTime } from '@flyball/service/testing';

const stepMs = 20;
/** Real: some turns of the event loop, in which sockets are heard. */
const realStepMs = 2;

/** A machine that is busy slows this time down, and makes nobody late in it. */
export const passBesideSockets = async (time: VirtualTime, delayMs: number): Promise<void> => {
  const untilMs = time.nowMs + delayMs;
  while (time.nowMs < untilMs) {
    await time.run(Math.min(untilMs, time.nowMs + stepMs));
    await waited(realStepMs);
  }
};
