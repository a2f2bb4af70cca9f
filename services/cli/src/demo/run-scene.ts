/** Plays one scene: applies, loads, watches, waits for rest, and judges what was seen. */
import { setTimeout as wait } from 'node:timers/promises';
import type { AnyEvent, EventName } from '@flyball/contracts';
import { hostOfWorkload } from '@flyball/domain';
import type { EventLog } from '@flyball/event-log';
import type { LocalPlatformAdmin } from '@flyball/platform';
import { counted } from '@flyball/reading';
import type { Context } from '../context.ts';
import { eventLine } from '../output/event-line.ts';
import type { RunRecord } from '../up/data-folder.ts';
import { activatorInFlight } from './in-flight.ts';
import { startLiveView } from './live-view.ts';
import { type LoadResult, runLoad } from './load.ts';
import {
  concurrentRequests,
  type Pace,
  type Scene,
  samplePath,
  sampleWorkload,
  sceneManifests,
} from './scene.ts';
import { type WorkloadWatch, watchWorkload } from './watch-log.ts';

const pollMs = 100;
/** The applied scene must be in the log before the load begins. */
const appliedLimitMs = 20_000;
/** The rest must last, or it was only a moment on the way. */
const restHoldsMs = 2_000;

export interface SceneParts {
  readonly context: Context;
  readonly run: RunRecord;
  readonly log: EventLog;
  readonly platform: LocalPlatformAdmin;
  readonly pace: Pace;
  readonly commandsFile: string | undefined;
  /** The lines that belong below an event. */
  readonly warningsOf: (event: AnyEvent) => readonly string[];
}

export interface Check {
  readonly holds: boolean;
  readonly text: string;
}

export interface SceneResult {
  readonly load: LoadResult;
  readonly decisions: readonly (AnyEvent & { type: 'Decided' })[];
  readonly checks: readonly Check[];
  /** The first request of a cold start, once it was answered. */
  readonly coldStart: (AnyEvent & { type: 'ColdStartCompleted' }) | undefined;
}

const shownEvents: ReadonlySet<EventName> = new Set([
  'PolicySet',
  'Decided',
  'ScaleApplied',
  'PodReady',
  'PodGone',
  'ColdStartCompleted',
]);

const untilTrue = async (
  condition: () => boolean,
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean> => {
  const untilMs = performance.now() + limitMs;
  while (!condition()) {
    if (performance.now() > untilMs) return false;
    await wait(pollMs, undefined, { signal });
  }
  return true;
};

/** True when the scale rests at `replicas`, ready and wanted, for a while. */
const untilAtRest = async (
  watch: WorkloadWatch,
  replicas: number,
  limitMs: number,
  signal: AbortSignal,
): Promise<boolean> => {
  const atRest = (): boolean => {
    const { desired, readyPods } = watch.moment();
    return desired === replicas && readyPods === replicas;
  };
  const untilMs = performance.now() + limitMs;
  while (performance.now() < untilMs) {
    if (!(await untilTrue(atRest, untilMs - performance.now(), signal))) return false;
    await wait(restHoldsMs, undefined, { signal });
    if (atRest()) return true;
  }
  return false;
};

const judge = (
  scene: Scene,
  load: LoadResult,
  highest: { readonly desired: number; readonly ready: number },
  rested: boolean,
): readonly Check[] => {
  const statuses = Object.entries(load.statuses).map(([status, count]) => `${status}: ${count}`);
  const all200 =
    load.failures === 0 && Object.keys(load.statuses).every((status) => status === '200');
  return [
    {
      holds: all200 && load.responses > 0,
      text: `every answer is 200 (${statuses.join(', ')}; without an answer: ${load.failures})`,
    },
    {
      holds: highest.desired === scene.peak && highest.ready === scene.peak,
      text:
        `${counted(scene.peak, 'pod')} at the height ` +
        `(wanted ${highest.desired}, ready ${highest.ready})`,
    },
    { holds: rested, text: `${counted(scene.rest, 'pod')} when it was quiet again` },
  ];
};

const applyScene = async ({ platform, pace, commandsFile }: SceneParts, scene: Scene) => {
  const { objects } = await sceneManifests(scene, pace, commandsFile);
  for (const manifest of objects) {
    if (manifest.kind === 'ConfigMap') await platform.configure(manifest.data);
  }
  for (const manifest of objects) {
    if (manifest.kind !== 'ConfigMap') await platform.apply(manifest);
  }
};

/** Plays the scene to its end. */
export const runScene = async (parts: SceneParts, scene: Scene): Promise<SceneResult> => {
  const { context, run, log } = parts;
  const { terminal } = context;
  const watching = new AbortController();
  const signal = AbortSignal.any([context.signal, watching.signal]);
  const decisions: SceneResult['decisions'][number][] = [];
  let policies = 0;
  let coldStart: SceneResult['coldStart'];
  let say = (text: string): void => terminal.line(text);
  const onEvent = (event: AnyEvent): void => {
    if (event.type === 'PolicySet') policies += 1;
    if (event.type === 'Decided' && event.data.to !== (event.data.from ?? 0)) decisions.push(event);
    if (event.type === 'ColdStartCompleted') coldStart ??= event;
    if (shownEvents.has(event.type)) say(`  ${eventLine(terminal, event)}`);
    for (const line of parts.warningsOf(event)) say(line);
  };
  const watch = await watchWorkload(log, sampleWorkload, signal, onEvent);
  await applyScene(parts, scene);
  await untilTrue(() => policies > 0, appliedLimitMs, context.signal);
  if (scene.rest > 0) await untilAtRest(watch, scene.rest, appliedLimitMs, context.signal);
  const view = startLiveView({
    terminal,
    stdout: process.stdout,
    sample: async () => {
      const { readyPods, desired } = watch.moment();
      return { inFlight: await activatorInFlight(run), ready: readyPods, desired };
    },
  });
  say = view.say;
  try {
    watch.reset();
    view.say(
      terminal.styled('bold', `  ${concurrentRequests} concurrent, ${parts.pace.loadSeconds} s …`),
    );
    const load = await runLoad({
      url: `${run.gatewayUrl}${samplePath}`,
      host: hostOfWorkload(sampleWorkload, run.domain),
      connections: concurrentRequests,
      seconds: parts.pace.loadSeconds,
      signal: context.signal,
    });
    view.say(terminal.styled('bold', '  The load has ended; waiting for quiet …'));
    const rested = await untilAtRest(watch, scene.rest, parts.pace.settleLimitMs, context.signal);
    const checks = judge(scene, load, watch.highest(), rested);
    return { load, decisions, checks, coldStart };
  } finally {
    view.stop();
    watching.abort();
  }
};
