/** Windower and decider together, when the one source that sees the load falls silent. */
import { expect, it } from 'vitest';
import { DeciderStory, storyWorkload as web } from '../testing/decider-story.ts';
import { bringUp, createPartitionLog } from '../windower/partition-log.fixture.ts';

const pods = 10;
/** The scrape's last word is of the second before this one. */
const silentFromS = 70;

/** Reached without the activator: 1,000 requests a second of a millisecond each. */
const loadWhere = (inFlightAt: (second: number) => number) => {
  const log = createPartitionLog();
  const story = new DeciderStory();
  let fedSeq = 0;
  const decide = (): void => {
    for (const event of [...log.events, ...log.ticks].sort((one, other) => one.seq - other.seq)) {
      if (event.seq <= fedSeq) continue;
      fedSeq = event.seq;
      story.input(event);
    }
  };
  const policy = { metric: 'rps', targetValue: 100, totalValue: 100 } as const;
  bringUp(log, web, { policy: { ...policy, targetBurstCapacity: 0 }, pods });
  const short = { workload: web, concurrencyMilli: 1_000, requestsMilli: 1_000_000 };
  for (let second = 0; second < silentFromS + 110; second += 1) {
    log.sample({ second, covered: [web] });
    const rows = [{ ...short, inFlight: inFlightAt(second) }];
    if (second < silentFromS) log.sample({ second, source: 'scrape-0', rows });
    if (second % 2 === 1) log.tick(second * 1_000 + 1_200);
    decide();
  }
  return story;
};

it.each([
  ['one was', 1],
  ['none was', 0],
])('replicas stay, whether a request was under way as its last second ended: %s', (_, last) => {
  const story = loadWhere((second) => (second === silentFromS - 1 ? last : 1));
  const asked = story.decisions.map(({ data }) => data.to);
  expect(asked.at(-1)).toBe(pods);
  expect(Math.min(...asked.slice(1))).toBe(pods);
  expect(story.state.workloads[web]?.seen).toBe('blind');
});
