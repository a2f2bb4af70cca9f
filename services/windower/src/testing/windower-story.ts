/** A partition's windowers in virtual time: what they are told, and what they leave in the log. */
import {
  decodeEvent,
  type EventDataByName,
  type EventName,
  encodeEvent,
  encodeUnchained,
  eventFrom,
  type FlyballEvent,
  OutsideError,
  type Policy,
  partitionSubject,
  type RecordedEvent,
  samplesSubject,
  type WorkloadKey,
} from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import { type Append, type EventStream, startMemoryServer } from '@flyball/event-log';
import { beginLife, fenceAfter } from '@flyball/service';
import {
  bucketOver,
  createTeller,
  streamOver,
  VirtualTime,
  virtualClock,
} from '@flyball/service/testing';
import type { Telemetry } from '@flyball/telemetry';
import { createMemoryWindows } from '@flyball/window-store';
import { pino } from 'pino';
import { startWindower } from '../start-windower.ts';
import { storeOver } from './store-road.ts';

const partition = 0;
/** A minute that begins at a whole minute: 2026-01-01T00:00:00Z. */
export const startMs = 1_767_225_600_000;
const web: WorkloadKey = 'default/web';
const source = 'activator-a';
const ticksSubject = partitionSubject(partition, 'ticks');
/** A batch is told this long after the end of its second. */
const tellsAfterMs = 20;
const pollMs = 100;

export const windowsOf = (stableS: number, panicS: number): Partial<Policy> => ({
  stableWindowMs: stableS * 1_000,
  panicWindowMs: panicS * 1_000,
});

/** One process: its connection can be cut, and it can end in order or at once. */
export interface Owner {
  readonly link: ReturnType<ReturnType<typeof startMemoryServer>['connect']>;
  drain(): Promise<void>;
  /** As SIGKILL does: nothing that it had begun comes to anything. */
  kill(): void;
}

export interface StoryOptions {
  /** How long an append of an event is on its way; a kill meanwhile stops it. */
  readonly appendTakesMs?: (message: Append) => number;
  /** Whether the process is too busy to renew its leases. */
  readonly isHeldUp?: (atMs: number) => boolean;
  /** Whether Redis answers, asked at each write. */
  readonly isRedisAway?: (atMs: number) => boolean;
  /** Where its windowers tell their spans. */
  readonly telemetry?: Telemetry;
}

interface SampleOptions {
  /** A word within the second, which may poke. */
  readonly partial?: boolean;
  /** The trace of the first held request. */
  readonly traceparent?: string;
  /** Another workload of which the source says the same. */
  readonly beside?: WorkloadKey;
}

const never = new Promise<never>(() => undefined);

const readAll = async <Name extends EventName>(
  stream: EventStream,
  filter: string,
): Promise<Extract<RecordedEvent, { type: Name }>[]> => {
  const found: Extract<RecordedEvent, { type: Name }>[] = [];
  const reading = { filter, afterSeq: 0, signal: new AbortController().signal };
  for await (const batch of stream.readToEnd(reading)) {
    for (const { body, subject, seq } of batch) {
      const decoded = decodeEvent(body, subject, seq);
      if (!decoded.ok) throw new Error(decoded.reason);
      found.push(decoded.event as Extract<RecordedEvent, { type: Name }>);
    }
  }
  return found;
};

/** Where a story happens: one NATS, one Redis, one time. */
const openWorld = () => {
  const time = new VirtualTime();
  const clock = virtualClock(time, startMs);
  const server = startMemoryServer({ nowMs: clock.nowMs, partitionCount: 1 });
  return { time, clock, server, windows: createMemoryWindows(), others: server.connect() };
};
type World = ReturnType<typeof openWorld>;

/** The watcher, which says what of a workload is seen now. */
const watcherIn = ({ clock, others }: World) => {
  const tellEvent = createTeller(others);
  let told = 0;
  const tell = async <Name extends EventName>(
    type: Name,
    data: EventDataByName[Name],
    workload: WorkloadKey = web,
  ): Promise<void> => {
    told += 1;
    const pen = type === 'PolicySet' ? 'policy' : 'platform';
    const about = { type, pen, workload, partition, id: `watcher-1:${told}`, data };
    const stamped = { ...about, atMs: clock.nowMs(), source: '/flyball/watcher' };
    await tellEvent(stamped as unknown as FlyballEvent);
  };
  const setPolicy = (policy: Partial<Policy>, workload = web): Promise<void> =>
    tell(
      'PolicySet',
      { policy: { ...storyPolicy, ...policy }, layers: {}, warnings: [] },
      workload,
    );
  return {
    tell,
    setPolicy,
    /** A workload comes with one pod that is ready. */
    bringUp: async (policy: Partial<Policy>, workload = web): Promise<void> => {
      const createdAtMs = clock.nowMs();
      await setPolicy(policy, workload);
      const addresses = { address: '127.0.0.2:80', metricsAddress: null };
      await tell('PodAppeared', { pod: 'p1', createdAtMs, ...addresses }, workload);
      await tell('PodReady', { pod: 'p1' }, workload);
    },
  };
};

/** The source's word on one second of `web`. */
const sampleIn =
  ({ time, clock, others }: World) =>
  async (
    second: number,
    concurrency: number,
    { partial = false, traceparent, beside }: SampleOptions = {},
  ): Promise<void> => {
    const workloads = beside === undefined ? [web] : [web, beside];
    const each = <Value>(value: Value): Value[] => workloads.map(() => value);
    const id = `${source}:${second}${partial ? `:${time.nowMs}` : ''}`;
    const milli = each(concurrency * 1_000);
    const rows = { concurrencyMilli: milli, requestsMilli: milli, inFlight: each(concurrency) };
    const data = {
      ...{ source, secondAtMs: startMs + second * 1_000, partial, covered: [] },
      rows: { ...rows, workloads, traceparents: each(traceparent ?? null) },
    };
    const event = { id, type: 'SamplesReported', partition, pen: 'samples' } as const;
    const stamped = { ...event, atMs: clock.nowMs(), source: `/flyball/${source}`, data };
    const body = encodeUnchained(stamped);
    await others.samples.append({ subject: samplesSubject(partition), id, body });
  };

/** Another owner says of `web`, at `atMs` of the story, that its averages are these. */
const rivalIn =
  ({ others }: World) =>
  async (inputId: string, atMs: number, average: number): Promise<void> => {
    const last = await others.events.last(ticksSubject);
    if (last === undefined) throw new Error('nobody has ticked yet');
    const milli = [average * 1_000];
    const event = eventFrom({
      ...{ type: 'TickObserved', pen: 'ticks', partition, source: '/flyball/windower' },
      cause: { id: inputId, atMs: startMs + atMs },
      data: {
        ...{ kind: inputId.startsWith('w') ? 'tick' : 'poke', part: 1, parts: 1 },
        ...{ samplesThroughSeq: 0, eventsThroughSeq: 0 },
        rows: {
          ...{ workloads: [web], stableMilli: milli, panicMilli: milli, seen: ['measured'] },
          ...{ coveredAtMs: [startMs], inFlight: [null], traceparents: [null] },
        },
      },
    });
    const { seq: expectedLastSeq, chain } = fenceAfter(last);
    const { body } = encodeEvent(event, chain);
    const message = { subject: ticksSubject, id: event.id, body, expectedLastSeq };
    const written = await others.events.append(message);
    if (written.kind !== 'stored') throw new Error(`the rival was ${written.kind}`);
  };

/** Starts windowers; what ended one is a bug, and is kept. */
const ownersIn = (world: World, options: StoryOptions) => {
  const { appendTakesMs, isHeldUp, isRedisAway, telemetry } = options;
  const { time, clock, server, windows } = world;
  const crashes: unknown[] = [];
  let boots = 0;
  const begin = async (): Promise<Owner> => {
    boots += 1;
    let dead = false;
    const link = server.connect();
    const { life, drain } = beginLife({
      ...{ service: 'windower', instance: `w${boots}`, logger: pino({ level: 'silent' }) },
      clock: {
        ...clock,
        after: (delayMs, action) => clock.after(delayMs, () => void (dead || action())),
      },
      random: () => 0.5,
      onCrash: (error) => void crashes.push(error),
      ...(telemetry === undefined ? {} : { telemetry }),
    });
    const store = storeOver(windows.open(), async () => {
      if (dead) await never;
      if (isRedisAway?.(time.nowMs) !== true) return;
      throw new OutsideError('REDIS_UNREACHABLE', 'Redis is away', { retriable: true });
    });
    const events = streamOver(link.events, {
      append: (message) => time.pass(appendTakesMs?.(message) ?? 0),
    });
    const leases = bucketOver(link.leases, async () => {
      while (isHeldUp?.(time.nowMs) === true) await time.pass(pollMs);
    });
    const log = { ...link, events, leases };
    await startWindower({ log, store, life, mirrorCheckEveryMs: 5_000 });
    const kill = () => {
      dead = true;
      link.disconnect();
    };
    return { link, drain, kill };
  };
  return { begin, crashes };
};

/** What was said of a workload, row by row: `<ms of the story> <kind> <panic average>`. */
const rowsIn =
  ({ others }: World) =>
  async (workload = web): Promise<readonly string[]> => {
    const ticks = await readAll<'TickObserved'>(others.events, ticksSubject);
    return ticks.flatMap(({ atMs, data }) => {
      const row = data.rows.workloads.indexOf(workload);
      if (row === -1) return [];
      const milli = data.rows.panicMilli[row];
      return [`${atMs - startMs} ${data.kind} ${milli === null ? 'none' : Number(milli) / 1_000}`];
    });
  };

/** A partition whose life begins. */
export const openStory = (options: StoryOptions = {}) => {
  const world = openWorld();
  const { time, server, windows, others } = world;
  const { begin, crashes } = ownersIn(world, options);
  const sample = sampleIn(world);
  let second = 0;
  return {
    ...{ time, server, windows, begin, sample },
    ...watcherIn(world),
    rivalSays: rivalIn(world),
    rows: rowsIn(world),
    minutes: () => readAll<'MinuteRecorded'>(others.minutes, '>'),

    /** Nobody says anything until then. */
    silence: async (untilSecond: number): Promise<void> => {
      second = untilSecond;
      await time.run(untilSecond * 1_000);
    },

    /** Lives on through the seconds before this one, each with this load of `web`. */
    live: async (untilSecond: number, concurrency: number): Promise<void> => {
      for (; second < untilSecond; second += 1) {
        await time.run((second + 1) * 1_000 + tellsAfterMs);
        await sample(second, concurrency);
      }
      await time.run(time.nowMs);
      if (crashes.length > 0) throw new AggregateError(crashes, 'a windower crashed');
    },
  };
};
