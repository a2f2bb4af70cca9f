/** The windower and the decider together: closed-loop clients from zero, up, and back to zero. */
import type { Policy, WorkloadKey } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import { DeciderStory, replicasOf, startMs } from '../testing/decider-story.ts';
import {
  createPartitionLog,
  examplePolicy,
  type PartitionLog,
} from '../windower/partition-log.fixture.ts';

const workload: WorkloadKey = 'default/web';

interface Scene {
  readonly policy: Partial<Policy>;
  /** Clients that each send the next request when the last was answered. */
  readonly clients: number;
  readonly loadFromMs: number;
  readonly loadUntilMs: number;
  readonly endMs: number;
  /** From the decision to a ready pod. */
  readonly podStartMs: number;
  /** The share of their time that the clients have a request in flight. */
  readonly busy: number;
}

interface World {
  readonly scene: Scene;
  readonly log: PartitionLog;
  readonly story: DeciderStory;
  readonly asked: { readonly to: number; readonly atMs: number }[];
  readonly pods: string[];
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
      asked.push({ to: data.to, atMs: atMs - startMs });
      if (!data.changed.includes('routing')) continue;
      const applied = { routing: data.routing, decisionId: id, appliedAtMs: atMs };
      log.tell('RoutingApplied', { workload, atMs: atMs - startMs }, applied);
    }
  }
};

/** Pods become ready some time after they were asked for, and go at once. */
const movePods = (world: World, atMs: number): void => {
  const { log, pods, asked, scene } = world;
  const about = { workload, atMs };
  const due = asked.filter((each) => each.atMs + scene.podStartMs <= atMs).at(-1)?.to ?? 0;
  while (pods.length < Math.min(due, askedNow(world))) {
    const pod = `web-${world.podsMade}`;
    world.podsMade += 1;
    pods.push(pod);
    const place = { address: null, metricsAddress: null, createdAtMs: startMs + atMs };
    log.tell('PodAppeared', about, { pod, ...place });
    log.tell('PodReady', about, { pod });
  }
  while (pods.length > askedNow(world)) log.tell('PodGone', about, { pod: pods.pop() ?? '' });
};

const overlapMs = ({ loadFromMs, loadUntilMs }: Scene, fromMs: number, untilMs: number): number =>
  Math.max(0, Math.min(untilMs, loadUntilMs) - Math.max(fromMs, loadFromMs));

/** What the activator publishes: at once while it is over the threshold, and each whole second. */
const publish = ({ log, scene, pods, ...world }: World, atMs: number): void => {
  const inFlight = atMs >= scene.loadFromMs && atMs < scene.loadUntilMs ? scene.clients : 0;
  const second = Math.floor(atMs / 1000);
  if (inFlight > 0 && (pods.length === 0 || inFlight > 20 * pods.length)) {
    const concurrencyMilli = scene.clients * overlapMs(scene, second * 1000, atMs);
    const rows = [{ workload, concurrencyMilli, inFlight }];
    log.sample({ second, sentMs: atMs, partial: true, rows });
  }
  if (atMs % 1000 !== 0) return;
  const flown = scene.clients * overlapMs(scene, atMs - 1000, atMs) * scene.busy;
  const about = { second: second - 1, sentMs: atMs + 20 };
  if (flown > 0) {
    const rows = [{ workload, concurrencyMilli: Math.round(flown), inFlight }];
    log.sample({ ...about, rows });
  } else if (pods.length > 0 || (world.asked.at(-1)?.to ?? 0) > 0) {
    log.sample({ ...about, covered: [workload] });
  }
};

/** Plays a scene in steps of 100 ms and answers the story that it was. */
const play = (scene: Scene): DeciderStory => {
  const log = createPartitionLog();
  const story = new DeciderStory();
  const world: World = { scene, log, story, asked: [], pods: [], podsMade: 0, fedSeq: 0 };
  const workloadData = { uid: 'u1', replicas: 0, createdAtMs: startMs, adopted: false };
  log.tell('WorkloadAppeared', { workload }, { ...workloadData, resourceVersion: '1' });
  const policy = examplePolicy({ initialScale: 0, ...scene.policy });
  log.tell('PolicySet', { workload }, { policy, layers: {}, warnings: [] });
  for (let atMs = 100; atMs <= scene.endMs; atMs += 100) {
    movePods(world, atMs);
    publish(world, atMs);
    decide(world);
    if (atMs % 2000 === 200) log.tick(atMs);
    decide(world);
  }
  return story;
};

const scene: Scene = {
  policy: {},
  clients: 50,
  loadFromMs: 10_400,
  loadUntilMs: 40_400,
  endMs: 180_000,
  podStartMs: 600,
  busy: 0.992,
};

const during = (story: DeciderStory, fromMs: number, untilMs: number): number[] =>
  replicasOf(
    story.decisions.filter(({ atMs }) => atMs >= startMs + fromMs && atMs < startMs + untilMs),
  );

describe('50 clients through the windower', () => {
  for (const startsMs of [10_000, 10_100, 10_400, 10_900, 11_000, 11_900]) {
    it(`0 → 5 → 0, five under the whole load, from second ${startsMs / 1000}`, () => {
      const from = { ...scene, loadFromMs: startsMs, loadUntilMs: startsMs + 30_000 };
      const story = play(from);
      expect(new Set(during(story, startsMs, startsMs + 30_000))).toEqual(new Set([5]));
      expect(story.decisions.at(-1)?.data.to).toBe(0);
    });
  }

  it('with short windows too, and pods that start slowly', () => {
    const fast = { stableWindowMs: 6_000, panicWindowMs: 1_000, scaleToZeroGracePeriodMs: 2_000 };
    for (const podStartMs of [300, 3_000, 8_000]) {
      const story = play({ ...scene, podStartMs, policy: fast, endMs: 60_000 });
      expect(new Set(during(story, 10_400, 40_400))).toEqual(new Set([5]));
      expect(story.decisions.at(-1)?.data.to).toBe(0);
    }
  });

  it('8 at 70 %', () => {
    const story = play({ ...scene, policy: { targetValue: 7, targetUtilization: 0.7 } });
    expect(new Set(during(story, 10_400, 40_400))).toEqual(new Set([8]));
  });

  it('one client keeps one pod', () => {
    const story = play({ ...scene, clients: 1 });
    expect(new Set(during(story, 10_400, 40_400))).toEqual(new Set([1]));
    expect(story.decisions.at(-1)?.data.to).toBe(0);
  });
});
