/** The windower and the decider together, with clients, pods that start, and an activator. */
import type { Policy, WorkloadKey } from '@flyball/contracts';
import { isUrgent } from '../activator/burst.ts';
import { DeciderStory, startMs } from '../testing/decider-story.ts';
import {
  createPartitionLog,
  examplePolicy,
  type PartitionLog,
} from '../windower/partition-log.fixture.ts';

const workload: WorkloadKey = 'default/web';

/** So many clients at once; each sends the next request when the last was answered. */
export interface Load {
  readonly clients: number;
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface Scene {
  readonly policy: Partial<Policy>;
  readonly loads: readonly Load[];
  readonly endMs: number;
  /** From the decision to a ready pod; it is seen starting at once. */
  readonly podStartMs: number;
  /** More than these never come up. */
  readonly readyPodsMax?: number;
  /** The share of their time that the clients have a request in flight. */
  readonly busy: number;
}

export interface Asked {
  readonly atMs: number;
  readonly to: number;
  readonly ready: number;
}

interface World {
  readonly scene: Scene;
  readonly policy: Policy;
  readonly log: PartitionLog;
  readonly story: DeciderStory;
  readonly asked: Asked[];
  /** When each pod was asked for; the ready ones come first. */
  readonly pods: { readonly name: string; readonly readyAtMs: number }[];
  ready: number;
  podsMade: number;
  fedSeq: number;
}

const askedNow = ({ asked }: World): number => asked.at(-1)?.to ?? 0;

/** The decider reads what the log has, and its routing is applied. */
const decide = (world: World): void => {
  const { log, story, asked } = world;
  const unread = [...log.events, ...log.ticks].filter(({ seq }) => seq > world.fedSeq);
  for (const event of unread.sort((left, right) => left.seq - right.seq)) {
    world.fedSeq = event.seq;
    for (const { id, atMs, data } of story.input(event)) {
      asked.push({ to: data.to, atMs: atMs - startMs, ready: world.ready });
      if (!data.changed.includes('routing')) continue;
      const applied = { routing: data.routing, decisionId: id, appliedAtMs: atMs };
      log.tell('RoutingApplied', { workload, atMs: atMs - startMs }, applied);
    }
  }
};

/** Pods start when they are asked for, are ready some time later, and go at once. */
const movePods = (world: World, atMs: number): void => {
  const { log, pods, scene } = world;
  const about = { workload, atMs };
  while (pods.length < askedNow(world)) {
    const name = `web-${world.podsMade}`;
    world.podsMade += 1;
    pods.push({ name, readyAtMs: atMs + scene.podStartMs });
    const place = { address: null, metricsAddress: null, createdAtMs: startMs + atMs };
    log.tell('PodAppeared', about, { pod: name, ...place });
  }
  // The youngest go first.
  while (pods.length > askedNow(world)) {
    log.tell('PodGone', about, { pod: pods.pop()?.name ?? '' });
    world.ready = Math.min(world.ready, pods.length);
  }
  for (let next = pods[world.ready]; next !== undefined; next = pods[world.ready]) {
    if (next.readyAtMs > atMs || world.ready === scene.readyPodsMax) return;
    world.ready += 1;
    log.tell('PodReady', about, { pod: next.name });
  }
};

const clientsAt = ({ loads }: Scene, atMs: number): number =>
  loads.reduce(
    (sum, { clients, fromMs, untilMs }) => (atMs >= fromMs && atMs < untilMs ? sum + clients : sum),
    0,
  );

/** Clients times the milliseconds that they were there. */
const loadedMs = ({ loads }: Scene, fromMs: number, untilMs: number): number =>
  loads.reduce((sum, load) => {
    const overlapMs = Math.min(untilMs, load.untilMs) - Math.max(fromMs, load.fromMs);
    return sum + load.clients * Math.max(0, overlapMs);
  }, 0);

/** What the activator publishes: at once when it is urgent, and each whole second. */
const publish = (world: World, atMs: number): void => {
  const { log, scene, policy, pods, ready } = world;
  const inFlight = clientsAt(scene, atMs);
  const second = Math.floor(atMs / 1000);
  if (isUrgent(policy, inFlight, ready)) {
    const concurrencyMilli = Math.round(loadedMs(scene, second * 1000, atMs));
    const rows = [{ workload, concurrencyMilli, inFlight }];
    log.sample({ second, sentMs: atMs, partial: true, rows });
  }
  if (atMs % 1000 !== 0) return;
  const flown = loadedMs(scene, atMs - 1000, atMs) * scene.busy;
  const about = { second: second - 1, sentMs: atMs + 20 };
  if (flown > 0) {
    const rows = [{ workload, concurrencyMilli: Math.round(flown), inFlight }];
    log.sample({ ...about, rows });
  } else if (pods.length > 0 || askedNow(world) > 0) {
    log.sample({ ...about, covered: [workload] });
  }
};

/** Plays a scene from zero in steps of 100 ms: the story that it was, and what was asked for. */
export const play = (
  scene: Scene,
): { readonly story: DeciderStory; readonly asked: readonly Asked[] } => {
  const log = createPartitionLog();
  const story = new DeciderStory();
  const policy = examplePolicy({ initialScale: 0, ...scene.policy });
  const kept = { scene, policy, log, story, asked: [], pods: [] };
  const world: World = { ...kept, ready: 0, podsMade: 0, fedSeq: 0 };
  const workloadData = { uid: 'u1', replicas: 0, createdAtMs: startMs, adopted: false };
  log.tell('WorkloadAppeared', { workload }, { ...workloadData, resourceVersion: '1' });
  log.tell('PolicySet', { workload }, { policy, layers: {}, warnings: [] });
  for (let atMs = 100; atMs <= scene.endMs; atMs += 100) {
    movePods(world, atMs);
    publish(world, atMs);
    decide(world);
    if (atMs % 2000 === 200) log.tick(atMs);
    decide(world);
  }
  return { story, asked: world.asked };
};
