/** A newer decider has written what this one cannot read: it goes on after it, once recovered. */
import { deadLettersSubject } from '@flyball/contracts';
import { type MemoryServer, type StoredMessage, startMemoryServer } from '@flyball/event-log';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  decidedThrough,
  startDecider,
  until,
  workloads,
  written,
} from './testing/driven-decider.ts';
import {
  createTeller,
  deterministicDecider,
  opening,
  storyPartition,
  tick,
} from './testing/partition-story.ts';

const loads = [5, 25, 95];
const decisions = 'flyball.events.0.default.a.decisions';

/** A partition of which nothing was decided yet. */
const openPartition = async () => {
  const server = startMemoryServer();
  const teller = createTeller(server.connect());
  for (const event of workloads.flatMap(opening)) await teller(event);
  const tellTick = (n: number) => teller(tick(n, workloads, loads[n - 1] ?? 0));
  return { server, tellTick };
};

const decisionsIn = async (server: MemoryServer): Promise<readonly StoredMessage[]> =>
  (await written(server)).filter(({ subject }) => subject === decisions);

const causesIn = async (server: MemoryServer): Promise<readonly string[]> =>
  (await decisionsIn(server)).map(({ id }) => id.replace(/-.*/, ''));

describe('an own message that cannot be read', () => {
  /** What this decider writes where nobody else does. */
  let own: readonly StoredMessage[];
  let server: MemoryServer;
  let tellTick: (n: number) => Promise<void>;
  let recoveries: number;

  const newer = ({ body }: StoredMessage): string => body.replace(/decided\.v\d+/, 'decided.v999');
  const ownOf = (n: number): StoredMessage => {
    const message = own[n - 1];
    if (message === undefined) throw new Error(`nothing is decided at tick ${n}`);
    return message;
  };
  const store = async (id: string, body: string): Promise<void> => {
    const { events } = server.connect();
    const expectedLastSeq = (await events.last(decisions))?.seq ?? 0;
    const { kind } = await events.append({ subject: decisions, id, body, expectedLastSeq });
    expect(kind).toBe('stored');
  };
  const decideAll = async (): Promise<void> => {
    const onRecovered = (): void => {
      recoveries += 1;
    };
    const listening = { onRecovered };
    const decider = startDecider(server, deterministicDecider, { listening });
    await until(decidedThrough(server, loads.length));
    await decider.stop();
  };

  beforeAll(async () => {
    const partition = await openPartition();
    for (const n of loads.keys()) await partition.tellTick(n + 1);
    const decider = startDecider(partition.server);
    await until(decidedThrough(partition.server, loads.length));
    await decider.stop();
    own = await decisionsIn(partition.server);
  });

  beforeEach(async () => {
    ({ server, tellTick } = await openPartition());
    recoveries = 0;
  });

  it.each([
    ['another id', () => 'w1:of-a-newer-one'],
    ['the id of the decision itself', () => ownOf(1).id],
  ])('is passed by where it stands, under %s', async (_which, idOf) => {
    await tellTick(1);
    await store(idOf(), newer(ownOf(1)));
    await tellTick(2);
    await tellTick(3);
    await decideAll();
    expect(await causesIn(server)).toEqual([expect.stringMatching(/^w1/), 'w2', 'w3']);
    expect(recoveries).toBe(1);
    const letters = deadLettersSubject(storyPartition, 'decider');
    const letter = await server.connect().deadLetters.last(letters);
    expect(JSON.parse(letter?.body ?? '{}').data).toMatchObject({
      ...{ code: 'LOG_CORRUPT', subject: decisions },
    });
  });

  it('does not hide what stands behind it and was folded at its cause', async () => {
    await tellTick(1);
    await tellTick(2);
    await store('w1:of-a-newer-one', newer(ownOf(1)));
    await store(ownOf(2).id, ownOf(2).body);
    await tellTick(3);
    await decideAll();
    expect(await causesIn(server)).toEqual(['w1:of', 'w2', 'w3']);
    expect(recoveries).toBe(1);
  });

  it('met under the id of a decision only as that is told, ends no process', async () => {
    const decider = startDecider(server);
    await until(async () => decider.link.status() === 'connected');
    decider.link.disconnect();
    await tellTick(1);
    await store(ownOf(1).id, newer(ownOf(1)));
    await tellTick(2);
    await tellTick(3);
    decider.link.reconnect();
    await until(decidedThrough(server, loads.length));
    await decider.stop();
    expect((await causesIn(server)).slice(0, 2)).toEqual(['w1', 'w2']);
  });
});
