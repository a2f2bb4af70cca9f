/** Plays a story through the real stages: samples → windower → decider → a platform that obeys. */
import {
  type AnyEvent,
  type EventDataByName,
  type EventName,
  eventFrom,
  type FlyballEvent,
  type Pen,
  type RecordedEvent,
  type WorkloadKey,
} from '@flyball/contracts';
import {
  type DecidedWorkload,
  decidedState,
  decider,
  type SampleBatch,
  step,
  type WindowerInput,
  windower,
} from '@flyball/domain';
import { type Agenda, createAgenda } from './agenda.ts';
import { createPlatform, type ObedientPlatform } from './platform.ts';
import { policyOf } from './policy-of-story.ts';
import { type SentBatch, samplesOfStory } from './samples-of-story.ts';
import { type Story, type StoryStep, workloadsNamed } from './story.ts';

/** All stories begin at a whole minute: 2026-01-01T00:00:00Z. */
export const startMs = Date.UTC(2026, 0, 1);
const tickEveryMs = 2_000;
const firstTickMs = 200;
const instance = '0-b1';

export interface Played {
  /** EVENTS, in order. */
  readonly events: readonly RecordedEvent[];
  /** SAMPLES, in order. */
  readonly samples: readonly SampleBatch[];
  /** MINUTES, in order. */
  readonly minutes: readonly (FlyballEvent<'MinuteRecorded'> & { readonly seq: number })[];
  readonly end: readonly DecidedWorkload[];
}

interface Stages {
  readonly write: (event: AnyEvent) => void;
  readonly sample: (sent: SentBatch) => void;
  readonly sampleAgain: (batch: SampleBatch) => void;
  readonly tick: (atMs: number) => void;
  readonly played: () => Played;
}

/** The stages of one partition on one log; `obey` hears each decision once it is written. */
const createStages = (obey: (decided: FlyballEvent<'Decided'>) => void): Stages => {
  const events: RecordedEvent[] = [];
  const samples: SampleBatch[] = [];
  const minutes: (FlyballEvent<'MinuteRecorded'> & { readonly seq: number })[] = [];
  let windowed = windower.initialState(0);
  let deciding = decider.initialState(0);
  const toWindower = (input: WindowerInput): void => {
    const stepped = step(windower, windowed, input);
    windowed = stepped.state;
    for (const output of stepped.outputs) {
      if (output.type === 'TickObserved') write(output as AnyEvent);
      else minutes.push({ ...output, seq: minutes.length + 1 } as (typeof minutes)[number]);
    }
  };
  /** The decider's own events are folded at their cause, never at their place. */
  const toDecider = (event: RecordedEvent): void => {
    if (event.type === 'Decided' || event.type === 'DecidedThrough') return;
    const stepped = step(decider, deciding, event);
    deciding = stepped.state;
    for (const output of stepped.outputs) {
      write(output as AnyEvent);
      if (output.type === 'Decided') obey(output as FlyballEvent<'Decided'>);
    }
  };
  const write = (event: AnyEvent): void => {
    const recorded: RecordedEvent = { ...event, seq: events.length + 1 };
    events.push(recorded);
    toWindower(recorded);
    toDecider(recorded);
  };
  return {
    write,
    sample: ({ batch, sentAtMs }) => {
      const told = { ...batch, seq: samples.length + 1, receivedAtMs: sentAtMs };
      samples.push(told);
      toWindower(told);
    },
    sampleAgain: toWindower,
    tick: (atMs) => toWindower({ type: 'TickDue', atMs }),
    played: () => ({ events, samples, minutes, end: decidedState(deciding) }),
  };
};

type Write = <Name extends EventName>(
  type: Name,
  workload: WorkloadKey,
  data: EventDataByName[Name],
) => void;

/** A writer that counts what it saw of the outside world. */
const writerOf = (stages: () => Stages, stage: string, penFor: (type: EventName) => Pen) => {
  let observed = 0;
  return (nowMs: () => number): Write =>
    (type, workload, data) => {
      observed += 1;
      const cause = { id: `${stage}-${instance}:${observed}`, atMs: nowMs() };
      const pen = penFor(type);
      const source = `/flyball/${stage}`;
      stages().write(
        eventFrom({ type, pen, workload, partition: 0, source, cause, data }) as AnyEvent,
      );
    };
};

interface Scene {
  readonly story: Story;
  readonly agenda: Agenda;
  readonly stages: Stages;
  readonly platform: ObedientPlatform;
  readonly watched: Write;
}

const bringIn = (scene: Scene, workload: WorkloadKey, replicas: number, atMs: number): void => {
  scene.watched('WorkloadAppeared', workload, {
    uid: `uid-of-${workload}`,
    replicas,
    createdAtMs: atMs,
    adopted: replicas > 0,
    resourceVersion: '1',
  });
  scene.platform.adopt(workload, replicas, atMs);
};

const setPolicy = (
  scene: Scene,
  workload: WorkloadKey,
  annotations: Record<string, string>,
): void => scene.watched('PolicySet', workload, policyOf(scene.story.config, annotations));

/** Batches of a source and some seconds, as they were sent so far. */
const sendAgain = (scene: Scene, told: Extract<StoryStep, { step: 'again' }>, atMs: number) => {
  const { stages } = scene;
  const sent = stages.played().samples.filter(({ data }) => {
    const second = (data.secondAtMs - startMs) / 1000;
    return data.source === told.again && second >= told.fromS && second < told.untilS;
  });
  for (const batch of sent) {
    if (told.as === 'same messages') stages.sampleAgain(batch);
    else stages.sample({ batch, sentAtMs: atMs });
  }
};

const planStep = (scene: Scene, told: StoryStep): void => {
  const { agenda, platform, watched } = scene;
  const at = (atS: number, run: (atMs: number) => void) =>
    agenda.plan(startMs + Math.round(atS * 1000), run);
  switch (told.step) {
    case 'appears':
      for (const workload of workloadsNamed(told.appears)) {
        at(told.atS, (atMs) => {
          bringIn(scene, workload, told.replicas, atMs);
          setPolicy(scene, workload, told.annotations);
        });
      }
      return;
    case 'annotated':
      for (const workload of workloadsNamed(told.annotated)) {
        at(told.atS, () => setPolicy(scene, workload, told.annotations));
      }
      return;
    case 'happens':
      for (const workload of workloadsNamed(told.to)) {
        at(told.atS, () => {
          if (told.happens === 'WorkloadGone') platform.forget(workload);
          watched(told.happens as EventName, workload, told.data as never);
        });
      }
      return;
    case 'again':
      at(told.atS, (atMs) => sendAgain(scene, told, atMs));
      return;
    // Told by their batches, and by the end of the clock.
    case 'load':
    case 'covers':
    case 'poke':
    case 'ends':
  }
};

/** The whole story, from nothing to its end. The same story plays the same, to the digit. */
export const play = (story: Story): Played => {
  const agenda = createAgenda();
  let nowMs = startMs;
  const now = () => nowMs;
  const clocked: Agenda = {
    plan: (atMs, run) =>
      agenda.plan(atMs, (dueMs) => {
        nowMs = dueMs;
        run(dueMs);
      }),
    runUntil: agenda.runUntil,
  };
  const stages: Stages = createStages((decided) => platform.obey(decided));
  const penOfWatcher = (type: EventName): Pen => (type === 'PolicySet' ? 'policy' : 'platform');
  const watched = writerOf(() => stages, 'watcher', penOfWatcher)(now);
  const acted = writerOf(
    () => stages,
    'actuator',
    () => 'actions',
  )(now);
  const platform = createPlatform(story.platform, clocked, { watched, acted });
  const scene: Scene = { story, agenda: clocked, stages, platform, watched };
  for (const told of story.steps) planStep(scene, told);
  for (const sent of samplesOfStory(story, startMs)) {
    clocked.plan(sent.sentAtMs, () => stages.sample(sent));
  }
  const endMs = startMs + story.endS * 1000;
  for (let atMs = startMs + firstTickMs; atMs <= endMs; atMs += tickEveryMs) {
    clocked.plan(atMs, stages.tick);
  }
  clocked.runUntil(endMs);
  return stages.played();
};
