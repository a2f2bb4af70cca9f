/** Does one fault some rounds long to a bed, and judges what it cost. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Bed, partitionCount, untilSteadyAgain } from './bed/bed.ts';
import type { ProbeAnswer } from './bed/probes.ts';
import { heldWorkload } from './bed/scene.ts';
import type { Fault, FaultResult } from './fault.ts';
import { auditLog, lostRequestsSince } from './judge/audit.ts';
import { verifyReplay } from './judge/verify-replay.ts';
import type { Outcome } from './load/load-wire.ts';

const recoveryLimitMs = 60_000;
const lossLimitMs = 20_000;
const pollMs = 50;
/** Two ticks, each 2 s after the last, and a little. */
const flowMs = 4_500;
/** The fault has begun when the cold start is asked for. */
const probeDelayMs = 200;
/** A supervisor's pause before a start grows with each death within ten seconds. */
const roundLeastMs = 10_500;

export interface RunOptions {
  readonly rounds: number;
  readonly tell: (text: string) => void;
}

interface Round {
  readonly recoveryMs: readonly number[];
  readonly coldStart: ProbeAnswer;
  readonly problems: readonly string[];
}

/**
 * For each partition, when a tick that was stored since was decided, and the next one followed in
 * its time: ticks flow on. Undefined when not yet.
 */
const recoveredAtMs = ({ witness }: Bed, sinceMs: number): readonly (number | undefined)[] => {
  const decided = Array.from({ length: partitionCount }, (): number[] => []);
  for (const { partition, storedAtMs, tickId } of witness.progress()) {
    const tickAtMs = witness.tickStoredAtMs(tickId) ?? 0;
    if (storedAtMs >= sinceMs && tickAtMs >= sinceMs) decided[partition]?.push(storedAtMs);
  }
  return decided.map((times) =>
    times.find((atMs, index) => (times[index + 1] ?? Number.POSITIVE_INFINITY) - atMs < flowMs),
  );
};

const untilRecovered = async (
  bed: Bed,
  sinceMs: number,
): Promise<Pick<Round, 'recoveryMs' | 'problems'>> => {
  const endMs = performance.now() + recoveryLimitMs;
  let atMs = recoveredAtMs(bed, sinceMs);
  while (atMs.includes(undefined) && performance.now() < endMs) {
    await wait(pollMs);
    atMs = recoveredAtMs(bed, sinceMs);
  }
  return {
    recoveryMs: atMs.flatMap((at) => (at === undefined ? [] : [at - sinceMs])),
    problems: atMs.flatMap((at, partition) =>
      at === undefined
        ? [`partition ${partition} decided nothing for ${recoveryLimitMs / 1_000} s`]
        : [],
    ),
  };
};

const runRound = async (bed: Bed, fault: Fault, index: number): Promise<Round> => {
  const name = await bed.probes.ready();
  const early =
    fault.probe === 'after' ? undefined : wait(probeDelayMs).then(() => bed.probes.ask(name));
  const hurt = await fault.hurt(bed, index);
  const recovered = await untilRecovered(bed, hurt.recoverFromMs);
  const coldStart = await (early ?? bed.probes.ask(name));
  await bed.load.endedThrough(Date.now());
  const { how, workload } = coldStart;
  const asked = how === '200' ? [] : [`the cold start of ${workload} ended with ${how}`];
  return {
    recoveryMs: recovered.recoveryMs,
    coldStart,
    problems: [...(hurt.problems ?? []), ...recovered.problems, ...asked],
  };
};

const countBy = (texts: readonly string[]): Readonly<Record<string, number>> => {
  const counts: Record<string, number> = {};
  for (const text of texts) counts[text] = (counts[text] ?? 0) + 1;
  return counts;
};

/** What a client sees whose gateway has died, or is not there yet. */
const deathOfGateway: readonly string[] = ['ECONNRESET', 'ECONNREFUSED', 'EPIPE'];

const judgeRequests = (bed: Bed, fault: Fault, before: ReturnType<Bed['load']['totals']>) => {
  const isAnswer = ({ workload, how }: Outcome): boolean =>
    workload === heldWorkload && how === '504';
  const failures = bed.load.failuresAfter(before.failures).filter((one) => !isAnswer(one));
  const open = failures.filter(({ workload }) => workload !== heldWorkload);
  const isAllowed = ({ how }: { readonly how: string }): boolean =>
    fault.mayCost?.requests === true && deathOfGateway.includes(how);
  const wrong = failures.filter((failure) => !isAllowed(failure));
  return {
    sent: bed.load.totals().sent - before.sent,
    lost: countBy(open.map(({ how }) => how)),
    allowedLost: open.filter(isAllowed).length,
    heldLost: failures.filter(
      ({ workload, how }) => workload === heldWorkload && how === 'ECONNRESET',
    ).length,
    problems: Object.entries(countBy(wrong.map(({ workload, how }) => `${workload}: ${how}`))).map(
      ([what, count]) => `${count} requests lost, ${what}`,
    ),
  };
};

/** What a dead activator held is told by the watcher, a little later. */
const judgeHeld = async (bed: Bed, sinceMs: number, heldLost: number): Promise<string[]> => {
  const endMs = performance.now() + lossLimitMs;
  let named = await lostRequestsSince(bed.raw, sinceMs);
  while (named !== heldLost && performance.now() < endMs) {
    await wait(500);
    named = await lostRequestsSince(bed.raw, sinceMs);
  }
  return named === heldLost ? [] : [`${heldLost} held requests were reset, RequestsLost: ${named}`];
};

const roundLine = (index: number, { recoveryMs, coldStart: { how, tookMs } }: Round): string => {
  const recovered = `recovered after ${Math.max(0, ...recoveryMs)} ms`;
  return `round ${index + 1}: ${recovered}, cold start ${how} after ${Math.round(tookMs)} ms`;
};

/** Does the fault `rounds` times, then reads the whole log and judges it. */
export const runFault = async (
  bed: Bed,
  fault: Fault,
  { rounds, tell }: RunOptions,
): Promise<FaultResult> => {
  await untilSteadyAgain(bed);
  const beganAtMs = Date.now();
  const before = bed.load.totals();
  const podsBefore = await bed.replicas.pods();
  bed.replicas.take();
  const done: Round[] = [];
  let roundAtMs = performance.now();
  for (let index = 0; index < rounds; index += 1) {
    if (index > 0) await wait(Math.max(0, roundLeastMs - (performance.now() - roundAtMs)));
    roundAtMs = performance.now();
    const round = await runRound(bed, fault, index);
    done.push(round);
    tell(roundLine(index, round));
  }
  const requests = judgeRequests(bed, fault, before);
  const held = await judgeHeld(bed, beganAtMs, requests.heldLost);
  const deviations = bed.replicas.take();
  const audit = await auditLog(bed, fault, { beganAtMs, podsBefore, deviations });
  const podsAfter = await bed.replicas.pods();
  const replaced = podsBefore.join() === podsAfter.join() ? [] : ['other pods than before'];
  const verified = await verifyReplay(bed.flyball.data);
  const { sent, lost, allowedLost } = requests;
  const { eventsLost, eventsNamed, eventsDoubled, moves } = audit;
  return {
    ...{ name: fault.name, rounds, sent, lost, allowedLost },
    ...{ eventsLost, eventsNamed, eventsDoubled, moves },
    recoveryMs: done.flatMap(({ recoveryMs }) => recoveryMs),
    coldStartMs: done.map(({ coldStart }) => coldStart.tookMs),
    problems: [
      ...done.flatMap(({ problems }) => problems),
      ...[...requests.problems, ...held, ...audit.problems, ...replaced, ...verified],
    ],
  };
};
