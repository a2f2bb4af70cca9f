/** What a snapshot may hold: only what the log holds as well, told by who owns the partition. */
import { expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { recover } from './recover.ts';
import { snapshotEveryMs } from './snapshotter.ts';
import {
  decidedThrough,
  history,
  reference,
  startDecider,
  tell,
  until,
} from './testing/driven-decider.ts';
import { deterministicDecider, loads, storyPartition } from './testing/partition-story.ts';

test('keeps no snapshot of what is not in the log yet', async () => {
  let refusing = true;
  const server = await tell({
    faults: (_stream, { subject }) =>
      refusing && subject.endsWith('.decisions') ? 'message-lost' : 'none',
  });
  let hurriedMs = 0;
  const hurried = {
    ...systemClock,
    monotonicMs: () => {
      hurriedMs += snapshotEveryMs;
      return hurriedMs;
    },
  };
  const first = startDecider(server, deterministicDecider, { clock: hurried });
  await until(decidedThrough(server, loads.length));
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await server.connect().snapshots.keys()).toEqual([]);
  await first.kill();
  refusing = false;
  const second = startDecider(server);
  const whole = JSON.stringify(await reference());
  await until(async () => JSON.stringify(await history(server)) === whole);
  await second.stop();
});

test.each([
  ['who owns the partition', true, ['decider.0']],
  ['who does not own it any more', false, []],
])('%s stores at its end: %s', async (_who, owns, keys) => {
  const server = await tell({});
  const decider = startDecider(server, deterministicDecider, { isOwner: () => owns });
  await until(decidedThrough(server, loads.length));
  await decider.stop();
  expect(await server.connect().snapshots.keys()).toEqual(keys);
});

test('a snapshot of another version of the state is folded anew, and says so', async () => {
  const server = await tell({});
  const decider = startDecider(server);
  await until(decidedThrough(server, loads.length));
  await decider.stop();
  const { stage, snapshotVersion, fromSnapshot } = deterministicDecider;
  const recovered = (version: number) =>
    recover({
      ...{ log: server.connect(), stage: stage.name, partition: storyPartition, fromSnapshot },
      ...{ snapshotVersion: version, initialState: stage.initialState },
    });
  expect((await recovered(snapshotVersion)).from).toEqual({ kind: 'snapshot' });
  const { from, position } = await recovered(snapshotVersion + 1);
  expect(from).toMatchObject({ kind: 'beginning', reason: expect.stringContaining('version') });
  expect(position.seq).toBe(0);
});
