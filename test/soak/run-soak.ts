/** One soak: load and faults for so many minutes, judged every minute and at the end. */
import { setTimeout as wait } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { ask } from '../e2e/harness/ask.ts';
import { until } from '../e2e/harness/until.ts';
import { type Bed, withBed } from '../faults/bed/bed.ts';
import { heldWorkload } from '../faults/bed/scene.ts';
import { flatnessOf, type Reading, readUse } from './judge/flatness.ts';
import { judgeState, namedLosses } from './judge/judge-state.ts';
import { type Span, unexcused } from './judge/requests.ts';
import { actors, hostOf, manifestOf, turningTargets } from './load/actors.ts';
import { ageLog } from './load/aged-log.ts';
import { type MixedLoad, type Outcome, startMixedLoad } from './load/mixed-load.ts';
import { disturbances, kills, type Mischief, watchedProcesses } from './mischief.ts';
import {
  type Snapshot,
  type SoakResult,
  type StreamSize,
  sayMinute,
} from './report/soak-report.ts';

const readEveryMs = 5_000;
const minuteMs = 60_000;
/** From one fault to the next: a supervisor waits longer for what dies twice within ten seconds. */
const faultEveryMs = 15_000;
const policyEveryMs = 40_000;
/** Clients of a gateway see that it died, and that it is there again, a little later. */
const deathSeenMs = 3_000;
const gatewayLimitMs = 30_000;
const settleMs = 15_000;
/** Before the one at the end. */
const judgementsWanted = 6;
const knownLimitMs = 30_000;
const namedLimitMs = 30_000;
const pollMs = 500;
const streamNames = ['EVENTS', 'SAMPLES', 'MINUTES', 'DEADLETTERS'] as const;

export interface SoakOptions {
  readonly minutes: number;
  readonly logs?: string | undefined;
  readonly signal: AbortSignal;
  readonly tell: (text: string) => void;
}

/** What a soak collects while it runs. */
interface Soak {
  readonly bed: Bed;
  readonly load: MixedLoad;
  readonly options: SoakOptions;
  readonly beganAtMs: number;
  readonly totalMs: number;
  readonly readings: Reading[];
  readonly deaths: Span[];
  readonly faults: string[];
}

const nap = (ms: number, signal: AbortSignal): Promise<unknown> =>
  wait(Math.max(0, ms), undefined, { signal }).catch(() => undefined);

const sinceBegan = ({ beganAtMs }: Soak): number => Date.now() - beganAtMs;

const readOn = async (soak: Soak, over: AbortSignal): Promise<void> => {
  while (!over.aborted) {
    const { machine } = soak.bed.flyball;
    const running = watchedProcesses.flatMap((name) => {
      const pid = machine.pidOf(name);
      return pid === undefined ? [] : [{ name, pid }];
    });
    soak.readings.push(...(await readUse(running, sinceBegan(soak))));
    await nap(readEveryMs, over);
  }
};

const changePolicy = async ({ bed }: Soak, over: AbortSignal): Promise<void> => {
  const actor = actors.find(({ name }) => name === 'turning');
  for (let turn = 0; !over.aborted && actor !== undefined; turn += 1) {
    await nap(policyEveryMs, over);
    if (over.aborted) return;
    const target = turningTargets[turn % turningTargets.length] ?? '10';
    const changed = { ...actor, annotations: { ...actor.annotations, target } };
    // A frozen platform does not answer; the next turn comes.
    await bed.platform.apply(manifestOf(changed)).catch(() => undefined);
  }
};

/** A process that was started again does not listen yet: how long it takes is the machine's. */
const untilGatewayAnswers = ({ flyball }: Bed): Promise<unknown> =>
  until('the gateway answers again', { limitMs: gatewayLimitMs }, () =>
    ask(flyball.machine.run.gatewayUrl, hostOf('turning')).then(
      () => true,
      () => false,
    ),
  );

const hurt = async (soak: Soak, mischief: Mischief): Promise<void> => {
  const { bed, deaths, faults, options } = soak;
  const death = { fromMs: Date.now(), toMs: Number.POSITIVE_INFINITY };
  if (mischief.ofGateway) deaths.push(death);
  options.tell(`  ${Math.round(sinceBegan(soak) / 1_000)} s: ${mischief.name}`);
  await mischief.hurt(bed);
  faults.push(mischief.name);
  if (mischief.ofGateway) await untilGatewayAnswers(bed);
  death.toMs = Date.now() + deathSeenMs;
};

/** Kills in the first quarter; then only what leaves every process alive. */
const hurtOn = async (soak: Soak, over: AbortSignal): Promise<void> => {
  const [killing, disturbing] = [[...kills], [...disturbances]];
  const endKillsMs = soak.totalMs / 4 - faultEveryMs;
  while (!over.aborted) {
    const begunMs = performance.now();
    const isEarly = sinceBegan(soak) < endKillsMs;
    const next = (isEarly ? killing.shift() : undefined) ?? disturbing.shift();
    if (next !== undefined) {
      await hurt(soak, next);
      if (disturbances.includes(next)) disturbing.push(next);
    }
    await nap(begunMs + faultEveryMs - performance.now(), over);
  }
};

const streamSizes = async ({ raw }: Bed): Promise<readonly StreamSize[]> => {
  const manager = await jetstreamManager(raw, { checkAPI: false });
  return Promise.all(
    streamNames.map(async (name) => {
      const { state } = await manager.streams.info(name);
      return { name, messages: state.messages, bytes: state.bytes };
    }),
  );
};

const failuresOf = ({ bed, load }: Soak): readonly Outcome[] => [
  ...bed.load.failuresAfter(0),
  ...load.failures,
];

const outcomesOf = (soak: Soak): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>(soak.load.ended);
  const add = (how: string, count: number) => counts.set(how, (counts.get(how) ?? 0) + count);
  add('200', soak.bed.load.totals().answered);
  for (const { how } of soak.bed.load.failuresAfter(0)) add(how, 1);
  return counts;
};

const judgeNow = async (soak: Soak): Promise<Snapshot> => {
  const { events, problems } = await judgeState(soak.bed);
  const requests = unexcused(failuresOf(soak), soak.deaths);
  return {
    ...{ atMs: sinceBegan(soak), outcomes: outcomesOf(soak), events },
    ...{ streams: await streamSizes(soak.bed), readings: soak.readings },
    problems: { ...problems, requests },
  };
};

/** To judge is to read the whole log, which nats-server then holds in memory: not each minute. */
const judgeOn = async (soak: Soak, over: AbortSignal): Promise<void> => {
  const everyMinutes = Math.max(1, Math.round(soak.options.minutes / judgementsWanted));
  for (let minute = everyMinutes; ; minute += everyMinutes) {
    await nap(soak.beganAtMs + minute * minuteMs - Date.now(), over);
    if (over.aborted) return;
    // A store that is down at this moment is a fault of ours; the end is judged in any case.
    const judged = await judgeNow(soak).catch((error: unknown) => String(error));
    const { tell } = soak.options;
    if (typeof judged === 'string') tell(`  minute ${minute} could not be judged: ${judged}`);
    else tell(sayMinute(minute, judged));
  }
};

/** Requests that a dead gateway held are told by the watcher, a little later. */
const unnamed = async (soak: Soak): Promise<readonly string[]> => {
  const lost = soak.bed.load
    .failuresAfter(0)
    .filter(({ workload, how }) => workload === heldWorkload && how === 'ECONNRESET').length;
  const endMs = performance.now() + namedLimitMs;
  let named = await namedLosses(soak.bed, 0);
  while (named !== lost && performance.now() < endMs) {
    await wait(pollMs);
    named = await namedLosses(soak.bed, 0);
  }
  return named === lost ? [] : [`${lost} held requests were reset, RequestsLost names ${named}`];
};

const untilRouted = async ({ flyball }: Bed): Promise<void> => {
  const { gatewayUrl } = flyball.machine.run;
  const endMs = performance.now() + knownLimitMs;
  for (const { name } of actors) {
    for (;;) {
      const { status } = await ask(gatewayUrl, hostOf(name));
      if (status === 200) break;
      if (performance.now() > endMs) throw new Error(`${name} answers ${status}`);
      await wait(pollMs);
    }
  }
};

const soakOn = async (bed: Bed, options: SoakOptions): Promise<SoakResult> => {
  await ageLog(bed);
  for (const actor of actors) await bed.platform.apply(manifestOf(actor));
  await untilRouted(bed);
  const load = startMixedLoad(bed.flyball.machine.run.gatewayUrl, actors);
  const totalMs = options.minutes * minuteMs;
  const soak: Soak = {
    ...{ bed, load, options, totalMs, beganAtMs: Date.now() },
    ...{ readings: [], deaths: [], faults: [] },
  };
  const over = AbortSignal.any([options.signal, AbortSignal.timeout(totalMs)]);
  const loops = [readOn, changePolicy, hurtOn, judgeOn].map((loop) => loop(soak, over));
  await Promise.all(loops);
  options.signal.throwIfAborted();
  const flatness = flatnessOf(soak.readings, totalMs);
  options.tell('  every process is killed once more');
  for (const mischief of kills) {
    await hurt(soak, mischief);
    await wait(faultEveryMs);
  }
  await load.stop();
  await bed.load.endedThrough(Date.now());
  await wait(settleMs);
  const losses = await unnamed(soak);
  const end = await judgeNow(soak);
  const ledger = [...end.problems.ledger, ...losses];
  return { ...end, faults: soak.faults, flatness, problems: { ...end.problems, ledger } };
};

/** Runs one on a Flyball of its own. Rejects when it is aborted or could not begin. */
export const runSoak = (options: SoakOptions): Promise<SoakResult> => {
  const { logs, tell } = options;
  return withBed({ kind: 'plain', logs, tell: (text) => tell(`  ${text}`) }, (bed) =>
    soakOn(bed, options),
  );
};
