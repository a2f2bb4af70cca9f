/** A watcher to tell stories with: observations in, what it says out. */
import type { Policy, WorkloadKey } from '@flyball/contracts';
import { expect } from 'vitest';
import { step } from '../stage.ts';
import type {
  LivingDecider,
  Observation,
  ObservedPod,
  ObservedWorkload,
  Resolution,
  WatcherEvent,
} from '../watcher/input.ts';
import type { WatcherState } from '../watcher/state.ts';
import { createWatcher } from '../watcher/watcher.ts';

export const web: WorkloadKey = 'default/web';
export const startMs = 1_767_225_600_000;

/** The newest version that this code is said to know. */
export const newestAlgorithm = 3;

/** Settings → policy, as far as these stories need it. */
const resolve = (
  workload: ObservedWorkload,
  config: Readonly<Record<string, string>> | undefined,
): Resolution => {
  const { annotations } = workload;
  const target = Number(annotations.target ?? config?.target ?? 100);
  const algorithm = annotations.algorithm ?? config?.algorithm;
  const complaint = {
    path: '',
    key: 'target',
    value: annotations.target ?? '',
    allowed: 'a number',
    message: 'not a number',
  };
  return {
    managed: annotations.class !== 'hpa',
    policy: { targetValue: target, algorithm: Number(algorithm ?? newestAlgorithm) } as Policy,
    algorithmKey: algorithm === undefined ? null : 'algorithm',
    layers: { targetValue: annotations.target === undefined ? 'default' : 'annotation' },
    warnings: [],
    errors: Number.isNaN(target) ? [complaint] : [],
  };
};

const watcher = createWatcher(resolve);

export const workload = (given: Partial<ObservedWorkload> = {}): Observation => ({
  kind: 'workload',
  workload: {
    workload: web,
    uid: 'u1',
    resourceVersion: '1',
    replicas: 0,
    fieldManager: 'kubectl',
    annotations: {},
    containerConcurrency: 0,
    timeoutSeconds: 300,
    reachable: true,
    hosts: [],
    createdAtMs: startMs,
    ...given,
  },
});

export const pod = (given: Partial<ObservedPod> = {}): Observation => ({
  kind: 'pod',
  pod: {
    workload: web,
    pod: 'web-1',
    address: null,
    metricsAddress: null,
    ready: false,
    unreadyReason: null,
    message: '',
    createdAtMs: startMs,
    ...given,
  },
});

export const config = (data: Record<string, string> | undefined): Observation => ({
  kind: 'config',
  config: data,
});
export const listing: Observation = { kind: 'listing' };
export const listed: Observation = { kind: 'listed' };
export const unseen: Observation = { kind: 'unseen', reason: 'connection refused' };

export const story = (from?: WatcherState, boot = 'a') => {
  let state = from ?? watcher.initialState(0);
  let atMs = startMs;
  let counted = 0;
  const turn = (input: Parameters<typeof watcher.decide>[0]): readonly WatcherEvent[] => {
    const stepped = step(watcher, state, input);
    state = stepped.state;
    const subjects = stepped.outputs.map((output) => `${output.pen} ${output.workload}`);
    expect(new Set(subjects).size).toBe(subjects.length);
    return stepped.outputs;
  };
  const next = () => {
    counted += 1;
    atMs += 10;
    return { id: `w-${boot}:${counted}`, atMs };
  };
  /** Tells it one thing, and lets everything be said; gives what was. */
  const tell = (input: Parameters<typeof turn>[0]): WatcherEvent[] => {
    const said: WatcherEvent[] = [];
    for (let more = turn(input); more.length > 0; more = turn({ type: 'SaidMore', ...next() })) {
      said.push(...more);
    }
    return said;
  };
  const see = (...observations: readonly Observation[]): WatcherEvent[] =>
    observations.flatMap((observation) =>
      tell({ type: 'PlatformObserved', ...next(), observation }),
    );
  /** By name, what each can do. */
  const live = (abilities: Readonly<Record<string, readonly number[]>>): WatcherEvent[] => {
    const deciders: LivingDecider[] = Object.entries(abilities).map(([instance, algorithms]) => ({
      instance,
      algorithms,
    }));
    return tell({ type: 'DecidersObserved', ...next(), deciders });
  };
  return { see, live, turn, next, state: () => state };
};

export const names = (events: readonly WatcherEvent[]) => events.map((event) => event.type);
export const opening = [listing, config(undefined), workload(), listed];
