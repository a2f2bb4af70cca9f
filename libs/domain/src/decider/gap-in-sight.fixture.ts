/** Windower and decider together under a load that only the scrape sees, and not every second. */
import type { Policy, WorkloadKey } from '@flyball/contracts';
import { DeciderStory, startMs, storyWorkload as web } from '../testing/decider-story.ts';
import {
  bringUp,
  createPartitionLog,
  type PartitionLog,
} from '../windower/partition-log.fixture.ts';

/**
 * `blind`: told that it could not be measured; `silent`: not told; `unheard`: nobody said a word;
 * `away`: no tick either.
 */
export type Sight = 'seen' | 'blind' | 'silent' | 'unheard' | 'away';

export interface Watched {
  readonly policy?: Partial<Policy>;
  /** Ready from the start; others are so at once, and go at once. */
  readonly pods: number;
  readonly untilS: number;
  readonly loadAt: (second: number) => number;
  readonly sightAt: (second: number) => Sight;
}

export interface Asked {
  readonly atS: number;
  readonly to: number;
}

export interface Outcome {
  readonly story: DeciderStory;
  readonly log: PartitionLog;
  /** Each number that was asked for, in order; none twice in a row. */
  readonly asked: readonly Asked[];
}

interface World {
  readonly log: PartitionLog;
  readonly story: DeciderStory;
  readonly asked: Asked[];
  pods: number;
  fedSeq: number;
}

interface About {
  readonly workload: WorkloadKey;
  readonly atMs: number;
}

const movePods = (world: World, to: number, about: About): void => {
  for (; world.pods < to; world.pods += 1) {
    world.log.tell('PodReady', about, { pod: `pod-${world.pods}` });
  }
  for (; world.pods > to; world.pods -= 1) {
    world.log.tell('PodGone', about, { pod: `pod-${world.pods - 1}` });
  }
};

/** The decider reads what the log has; what it asks for is done. */
const decide = (world: World, atMs: number): void => {
  const { log, story, asked } = world;
  const about = { workload: web, atMs };
  const unread = [...log.events, ...log.ticks].filter(({ seq }) => seq > world.fedSeq);
  for (const event of unread.sort((one, other) => one.seq - other.seq)) {
    world.fedSeq = event.seq;
    for (const { id, data } of story.input(event)) {
      const atS = (event.atMs - startMs) / 1000;
      if (data.to !== asked.at(-1)?.to) asked.push({ atS, to: data.to });
      movePods(world, data.to, about);
      if (!data.changed.includes('routing')) continue;
      const applied = { routing: data.routing, decisionId: id, appliedAtMs: startMs + atMs };
      log.tell('RoutingApplied', about, applied);
    }
  }
};

/** The scrape tells what reaches pods; the activator that it has none, or what comes at zero. */
const sample = ({ log, pods }: World, second: number, load: number, sight: Sight): void => {
  const row = { workload: web, concurrencyMilli: load * 1000, inFlight: load };
  const unmeasured = { workload: web, concurrencyMilli: null };
  if (pods === 0) {
    if (load > 0) log.sample({ second, rows: [row] });
    return;
  }
  log.sample({ second, covered: [web] });
  if (sight === 'silent') return;
  log.sample({ second, source: 'scrape-0', rows: [sight === 'blind' ? unmeasured : row] });
};

/** Plays second by second, with a tick every other one. */
export const watch = ({ policy, pods, untilS, loadAt, sightAt }: Watched): Outcome => {
  const log = createPartitionLog();
  const world: World = { log, story: new DeciderStory(), asked: [], pods, fedSeq: 0 };
  const target = { metric: 'concurrency', targetValue: 10, totalValue: 10 } as const;
  const settings = { ...target, initialScale: pods, targetBurstCapacity: 0, ...policy };
  bringUp(log, web, { policy: settings, pods });
  for (let second = 0; second < untilS; second += 1) {
    const sight = sightAt(second);
    if (sight === 'away') continue;
    if (sight !== 'unheard') sample(world, second, loadAt(second), sight);
    if (second % 2 === 1) log.tick(second * 1000 + 1_200);
    decide(world, second * 1000 + 1_300);
  }
  return world;
};

/** The fewest that were asked for from a second on. */
export const fewestFrom = ({ asked }: Outcome, fromS: number): number => {
  const before = asked.filter(({ atS }) => atS < fromS).slice(-1);
  const after = asked.filter(({ atS }) => atS >= fromS);
  return Math.min(...[...before, ...after].map(({ to }) => to));
};
