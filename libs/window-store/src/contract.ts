/** What every window store must do; each adapter runs this suite. */
import { partitionOf, type WorkloadKey } from '@flyball/contracts';
import type { SourceSecond } from '@flyball/domain';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredWindows, WindowCursor, WindowStore, WindowWrite } from './window-store.ts';

export interface WindowStoreUnderTest {
  /** Another connection to the same store. */
  open(): Promise<WindowStore>;
  /** Loses all data. */
  flush(): Promise<void>;
  stop(): Promise<void>;
}

const createdAt = '2026-01-01T00:00:00.000Z';
const secondsFromMs = 1_767_225_600_000;

/** A second of one source; the values are any doubles, to the last digit. */
export const exampleSecond = (
  place: { readonly source: string; readonly second: number },
  workloads: readonly WorkloadKey[],
  valueAt: (row: number) => number = (row) => row / 3,
): SourceSecond => ({
  source: place.source,
  secondAtMs: secondsFromMs + place.second * 1000,
  whole: true,
  workloads,
  concurrencyMilli: Float64Array.from(workloads, (_, row) => valueAt(row)),
  requestsMilli: Float64Array.from(workloads, (_, row) => valueAt(row) * 7.1),
});

const cursorAt = (cursorSeq: number): WindowCursor => ({
  ...{ cursorSeq, cursorId: `batch-${cursorSeq}`, streamCreatedAt: createdAt },
});

const writeOf = (
  cursorSeq: number,
  seconds: readonly SourceSecond[],
  keepFrom = 0,
): WindowWrite => ({
  ...cursorAt(cursorSeq),
  seconds,
  keepFromMs: secondsFromMs + keepFrom * 1000,
});

/** In an order that can be compared. */
const sorted = (windows: StoredWindows | undefined): readonly SourceSecond[] =>
  [...(windows?.seconds ?? [])].sort(
    (a, b) => a.secondAtMs - b.secondAtMs || a.source.localeCompare(b.source),
  );

const web: WorkloadKey = 'default/web';
const api: WorkloadKey = 'shop/api.v2';

const readingAndWriting = (partition: () => number, store: () => WindowStore): void => {
  test('nothing is there at first', async () => {
    expect(await store().load(partition())).toBeUndefined();
    expect(await store().cursor(partition())).toBeUndefined();
  });

  test('gives back every digit, blind seconds and whether a second is whole', async () => {
    const odd = [0.1 + 0.2, Number.NaN, 1.7976931348623157e308, 5e-324, 0];
    const workloads = odd.map((_, row): WorkloadKey => `default/w${row}`);
    const whole = exampleSecond(
      { source: 'activator-1', second: 0 },
      workloads,
      (row) => odd[row] ?? 0,
    );
    const partial = { ...exampleSecond({ source: 'scrape:3', second: 0 }, [web]), whole: false };
    expect(await store().write(partition(), 0, writeOf(5, [whole, partial]))).toBe(true);
    const loaded = await store().load(partition());
    expect(loaded).toMatchObject(cursorAt(5));
    expect(sorted(loaded)).toEqual([whole, partial]);
  });

  test('the same source and second again replaces it', async () => {
    const place = { source: 'activator-1', second: 0 };
    await store().write(partition(), 0, writeOf(1, [exampleSecond(place, [web, api])]));
    const later = exampleSecond(place, [api], () => 9);
    await store().write(partition(), 1, writeOf(2, [later]));
    expect(sorted(await store().load(partition()))).toEqual([later]);
  });

  test('a write without seconds moves the cursor', async () => {
    await store().write(partition(), 0, writeOf(1, []));
    expect(await store().write(partition(), 1, writeOf(7, []))).toBe(true);
    expect(await store().cursor(partition())).toEqual(cursorAt(7));
    expect(await store().load(partition())).toEqual({ ...cursorAt(7), seconds: [] });
  });
};

const owning = (
  partition: () => number,
  store: () => WindowStore,
  open: () => Promise<WindowStore>,
): void => {
  test('of two owners with the same cursor one wins', async () => {
    const rival = await open();
    const [mine, theirs] = [1, 2].map((value) =>
      exampleSecond({ source: 'activator-1', second: 0 }, [web], () => value),
    );
    await store().write(partition(), 0, writeOf(3, []));
    const results = await Promise.all([
      store().write(partition(), 3, writeOf(4, mine ? [mine] : [])),
      rival.write(partition(), 3, writeOf(4, theirs ? [theirs] : [])),
    ]);
    expect([...results].sort()).toEqual([false, true]);
    expect(sorted(await rival.load(partition()))).toEqual([results[0] ? mine : theirs]);
    await rival.close();
  });

  test('a loser that loads goes on from there, and the former winner loses', async () => {
    const rival = await open();
    const first = exampleSecond({ source: 'a', second: 0 }, [web]);
    const second = exampleSecond({ source: 'a', second: 1 }, [api, web]);
    const third = exampleSecond({ source: 'b', second: 1 }, ['x/y', api, web]);
    expect(await store().write(partition(), 0, writeOf(1, [first]))).toBe(true);
    expect(await rival.write(partition(), 1, writeOf(2, [second]))).toBe(true);
    expect(await store().write(partition(), 1, writeOf(2, [third]))).toBe(false);
    expect((await store().load(partition()))?.cursorSeq).toBe(2);
    expect(await store().write(partition(), 2, writeOf(3, [third]))).toBe(true);
    expect(sorted(await rival.load(partition()))).toEqual([first, second, third]);
    await rival.close();
  });

  test('a cleared partition begins at 0 again', async () => {
    await store().write(
      partition(),
      0,
      writeOf(9, [exampleSecond({ source: 'a', second: 0 }, [web])]),
    );
    await store().clear(partition());
    expect(await store().load(partition())).toBeUndefined();
    expect(await store().write(partition(), 9, writeOf(10, []))).toBe(false);
    expect(await store().write(partition(), 0, writeOf(1, []))).toBe(true);
  });
};

const forgetting = (
  partition: () => number,
  store: () => WindowStore,
  flush: () => Promise<void>,
): void => {
  test('old seconds go, those of sources that vanished too', async () => {
    const gone = exampleSecond({ source: 'activator-dead', second: 0 }, [web]);
    const kept = exampleSecond({ source: 'activator-1', second: 10 }, [web]);
    await store().write(partition(), 0, writeOf(1, [gone, kept]));
    await store().write(partition(), 1, writeOf(2, [], 10));
    expect(sorted(await store().load(partition()))).toEqual([kept]);
  });

  test('names come and go for ever without getting mixed up', async () => {
    for (let second = 0; second < 200; second += 1) {
      const workloads = [0, 1, 2].map((n): WorkloadKey => `default/job-${second + n}`);
      const next = exampleSecond({ source: 'a', second }, workloads, (row) => second + row);
      expect(
        await store().write(partition(), second, writeOf(second + 1, [next], second - 5)),
      ).toBe(true);
    }
    const loaded = sorted(await store().load(partition()));
    expect(loaded.map(({ workloads }) => workloads[0])).toEqual(
      [194, 195, 196, 197, 198, 199].map((second) => `default/job-${second}`),
    );
    expect(loaded.map(({ concurrencyMilli }) => concurrencyMilli[2])).toEqual([
      196, 197, 198, 199, 200, 201,
    ]);
  });

  test('emptied behind our back: the next write is refused, then it begins anew', async () => {
    const second = exampleSecond({ source: 'a', second: 0 }, [web, api]);
    await store().write(partition(), 0, writeOf(4, [second]));
    await flush();
    expect(await store().write(partition(), 4, writeOf(5, [second]))).toBe(false);
    expect(await store().load(partition())).toBeUndefined();
    expect(await store().write(partition(), 0, writeOf(5, [second]))).toBe(true);
    expect(sorted(await store().load(partition()))).toEqual([second]);
  });

  test('a partition of 1,250 workloads and 60 seconds is taken over whole', async () => {
    const workloads = Array.from({ length: 1250 }, (_, n): WorkloadKey => `load/w-${n}`);
    expect(new Set(workloads.map((key) => partitionOf(key, 8))).size).toBe(8);
    const seconds = Array.from({ length: 60 }, (_, second) =>
      exampleSecond({ source: 'activator-1', second }, workloads, (row) => row * second + 0.25),
    );
    for (const [index, second] of seconds.entries()) {
      await store().write(partition(), index, writeOf(index + 1, [second]));
    }
    const loaded = await store().load(partition());
    expect(loaded?.cursorSeq).toBe(60);
    expect(sorted(loaded)).toEqual(seconds);
  });
};

/** Runs the suite; every test has a partition of its own. */
export const testWindowStore = (name: string, start: () => Promise<WindowStoreUnderTest>): void => {
  describe(`window store: ${name}`, () => {
    let underTest: WindowStoreUnderTest;
    let store: WindowStore;
    const partitions = new Map<string, number>();
    /** The same all through one test. */
    const partition = (): number => {
      const test = expect.getState().currentTestName ?? '';
      const known = partitions.get(test) ?? partitions.size;
      partitions.set(test, known);
      return known;
    };
    beforeAll(async () => {
      underTest = await start();
      store = await underTest.open();
    });
    afterAll(async () => {
      await store?.close();
      await underTest?.stop();
    });
    readingAndWriting(partition, () => store);
    owning(
      partition,
      () => store,
      () => underTest.open(),
    );
    forgetting(
      partition,
      () => store,
      () => underTest.flush(),
    );
  });
};
