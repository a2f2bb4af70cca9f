/** Contract: fences and ids decide who wrote, whatever was lost, repeated or contested. */
import { expect, test } from 'vitest';
import { type Contract, messageOf, storedSeq, subjectOf } from './bed.ts';

const fences = ({ open }: Contract): void => {
  test('an append is stored when nothing came after the expectation', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const web = subjectOf('web');
    const first = await storedSeq(log, messageOf(web, 'a', 0));
    await storedSeq(log, messageOf(subjectOf('other'), 'b', 0));
    const second = await storedSeq(log, messageOf(web, 'c', first));
    expect(second).toBeGreaterThan(first);
    expect((await log.events.at(second))?.body).toBe('{"id":"c"}');
  });

  test('a stale expectation is fenced and says what is last now', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const web = subjectOf('web');
    const first = await storedSeq(log, messageOf(web, 'a', 0));
    expect(await log.events.append(messageOf(web, 'late', 0))).toEqual({
      kind: 'fenced',
      lastSeq: first,
    });
    expect((await log.events.last(web))?.id).toBe('a');
  });

  test('of rival writers exactly one wins each round', async () => {
    await using bed = await open();
    const rounds = 20;
    const rivals = await Promise.all([bed.connect(), bed.connect(), bed.connect(), bed.connect()]);
    const web = subjectOf('web');
    let last = 0;
    for (let round = 0; round < rounds; round += 1) {
      const results = await Promise.all(
        rivals.map((log, rival) => log.events.append(messageOf(web, `${round}-${rival}`, last))),
      );
      expect(results.filter(({ kind }) => kind === 'stored')).toHaveLength(1);
      expect(results.filter(({ kind }) => kind === 'fenced')).toHaveLength(rivals.length - 1);
      last = (await rivals[0]?.events.last(web))?.seq ?? 0;
    }
    expect((await rivals[0]?.events.state())?.messages).toBe(rounds);
  });

  test('many appends under way at once on different subjects are all stored', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const count = 2_000;
    const results = await Promise.all(
      Array.from({ length: count }, (_, index) =>
        log.events.append(messageOf(subjectOf(`w${index}`), `m${index}`, 0)),
      ),
    );
    expect(results.every(({ kind }) => kind === 'stored')).toBe(true);
    expect((await log.events.state()).messages).toBe(count);
  });
};

const repeats = ({ open }: Contract): void => {
  test('the same append again is the same message, inside the duplicate window', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const message = messageOf(subjectOf('web'), 'a', 0);
    const seq = await storedSeq(log, message);
    expect(await log.events.append(message)).toEqual({ kind: 'stored', seq, again: true });
    expect((await log.events.state()).messages).toBe(1);
  });

  test('the same append again is the same message, after the duplicate window', async () => {
    await using bed = await open({ duplicateWindowMs: 200 });
    const log = await bed.connect();
    const message = messageOf(subjectOf('web'), 'a', 0);
    const seq = await storedSeq(log, message);
    await bed.pass(600);
    expect(await log.events.append(message)).toEqual({ kind: 'stored', seq, again: true });
    expect((await log.events.state()).messages).toBe(1);
  });

  test('a repeat is known although a rival wrote after it', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const web = subjectOf('web');
    const message = messageOf(web, 'mine', 0);
    const seq = await storedSeq(log, message);
    await storedSeq(await bed.connect(), messageOf(web, 'theirs', seq));
    expect(await log.events.append(message)).toEqual({ kind: 'stored', seq, again: true });
  });

  test('an id that a rival wrote after something unfolded is fenced', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const web = subjectOf('web');
    const first = await storedSeq(log, messageOf(web, 'unfolded', 0));
    const second = await storedSeq(log, messageOf(web, 'derived', first));
    expect(await log.events.append(messageOf(web, 'derived', 0))).toEqual({
      kind: 'fenced',
      lastSeq: second,
    });
  });

  test("a rival's copy of the same id comes back with its own body", async () => {
    await using bed = await open();
    const web = subjectOf('web');
    const rival = await bed.connect();
    const seq = await storedSeq(rival, messageOf(web, 'derived', 0, 'at nine'));
    const log = await bed.connect();
    expect(await log.events.append(messageOf(web, 'derived', 0, 'at ten'))).toEqual({
      kind: 'duplicate',
      seq,
      body: 'at nine',
    });
  });

  test('an id used on another subject is a bug that is told, not a silent loss', async () => {
    await using bed = await open();
    const log = await bed.connect();
    await storedSeq(log, messageOf(subjectOf('web'), 'same', 0));
    await expect(log.events.append(messageOf(subjectOf('api'), 'same', 0))).rejects.toThrow(
      /Id same .* was already used on .*web/,
    );
  });

  test('a message larger than the server takes is told, not retried', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const body = 'x'.repeat(2_000_000);
    await expect(
      log.events.append(messageOf(subjectOf('web'), 'large', 0, body)),
    ).rejects.toMatchObject({ code: 'NATS_FULL', retriable: false });
  });

  test('an unfenced append needs no expectation and is stored once', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const counts = subjectOf('web', 'requests.a-1');
    const seq = await storedSeq(log, messageOf(counts, 'a-1:1'));
    await storedSeq(log, messageOf(counts, 'a-1:2'));
    expect(await log.events.append(messageOf(counts, 'a-1:1'))).toEqual({
      kind: 'stored',
      seq,
      again: true,
    });
    expect((await log.events.state()).messages).toBe(2);
  });
};

const emptied = ({ open }: Contract): void => {
  test('a purge keeps the last message, and with it the fence', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const ticks = 'flyball.events.0.ticks';
    let last = 0;
    for (let tick = 0; tick < 5; tick += 1) {
      last = await storedSeq(log, messageOf(ticks, `t${tick}`, last));
    }
    await storedSeq(log, messageOf(subjectOf('web'), 'kept', 0));
    expect(await log.events.purge(ticks, last + 100)).toBe(4);
    expect((await log.events.last(ticks))?.seq).toBe(last);
    expect((await log.events.append(messageOf(ticks, 'fresh', 0))).kind).toBe('fenced');
    await storedSeq(log, messageOf(ticks, 't5', last));
    expect(await log.events.purge('flyball.events.1.ticks', 100)).toBe(0);
    await expect(log.events.purge('flyball.events.*.ticks', 100)).rejects.toThrow(/exact subject/);
  });

  test('a purge below a sequence keeps what is above it', async () => {
    await using bed = await open();
    const log = await bed.connect();
    const ticks = 'flyball.events.0.ticks';
    const first = await storedSeq(log, messageOf(ticks, 't0', 0));
    const second = await storedSeq(log, messageOf(ticks, 't1', first));
    const third = await storedSeq(log, messageOf(ticks, 't2', second));
    expect(await log.events.purge(ticks, second)).toBe(1);
    expect(await log.events.at(first)).toBeUndefined();
    expect((await log.events.at(second))?.id).toBe('t1');
    expect((await log.events.last(ticks))?.seq).toBe(third);
  });

  test('a subject emptied by age takes the old expectation for none', async () => {
    await using bed = await open({ eventsMaxAgeMs: 1_000, duplicateWindowMs: 1_000 });
    const log = await bed.connect();
    const web = subjectOf('web');
    const first = await storedSeq(log, messageOf(web, 'old', 0));
    await bed.pass(2_500);
    expect(await log.events.last(web)).toBeUndefined();
    const second = await storedSeq(log, messageOf(web, 'new', first));
    expect(second).toBe(first + 1);
  });
};

export const appendContract = (contract: Contract): void => {
  fences(contract);
  repeats(contract);
  emptied(contract);
};
