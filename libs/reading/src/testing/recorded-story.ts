/** A history in a log in memory, made by the real windower and decider from told samples. */
import {
  defaultPartitionCount,
  type EventDataByName,
  type EventName,
  encodeEvent,
  encodeUnchained,
  eventFrom,
  type FlyballEvent,
  minutesSubject,
  type Pen,
  type Policy,
  partitionOf,
  type RecordedEvent,
  samplesSubject,
  subjectOf,
  type WorkloadKey,
} from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import {
  type DeciderState,
  decider,
  deciderSnapshot,
  deciderSnapshotVersion,
  step,
  type WindowerInput,
  type WindowerOutput,
  windower,
} from '@flyball/domain';
import { type EventLog, openMemoryEventLog, storeSnapshot } from '@flyball/event-log';
import { type Clock, type Fences, noFence } from '@flyball/service';
import type { Reader } from '../reader.ts';

/** The start of a minute, so that times in a story read as they are. */
export const startMs = 1_767_225_600_000;
export const storyWorkload: WorkloadKey = 'default/web';
const tickOffsetMs = 200;
const secondMs = 1_000;
/** A reader comes a little after the last tick. */
const readAfterMs = 500;

const readPolicy: Policy = {
  ...storyPolicy,
  stableWindowMs: 6_000,
  panicWindowMs: 2_000,
  maxScale: 20,
  scaleToZeroGracePeriodMs: 2_000,
};

export interface StoryOptions {
  /** In memory when it is not given. */
  readonly log?: EventLog;
  /** Changes what is stored, as tampering would; the stages keep what they said. */
  readonly distort?: (event: FlyballEvent) => FlyballEvent;
}

/** Tells one workload's history; every event goes into the log, fenced and chained. */
export class RecordedStory {
  readonly log: EventLog;
  readonly workload = storyWorkload;
  readonly partition: number;
  nowMs = startMs;
  /** Of the request that waits, if one does: what is told meanwhile is told in its trace. */
  traceparent: string | null = null;
  /** Stopped, the decider reads and writes nothing. */
  deciderRuns = true;
  private windowed;
  private decided: DeciderState;
  private readonly fences: Record<string, Fences[string]> = {};
  private told = 0;
  private samplesSeq = 0;
  private readonly distort: (event: FlyballEvent) => FlyballEvent;
  private decidedSeq = { seq: 0, id: '' };

  constructor({ log, distort }: StoryOptions = {}) {
    this.log = log ?? openMemoryEventLog();
    this.distort = distort ?? ((event) => event);
    this.partition = partitionOf(this.workload, defaultPartitionCount);
    this.windowed = windower.initialState(this.partition);
    this.decided = decider.initialState(this.partition);
  }

  /** A reader of this log whose clock stands where the story does. */
  get reader(): Reader {
    const clock: Clock = {
      nowMs: () => this.nowMs + readAfterMs,
      monotonicMs: () => this.nowMs,
      after: (delayMs, action) => {
        const timer = setTimeout(action, delayMs);
        return () => clearTimeout(timer);
      },
    };
    return { log: this.log, partitionCount: defaultPartitionCount, clock };
  }

  get state(): DeciderState {
    return this.decided;
  }

  /** Writes an event about the workload as its pen's holder does. */
  async event<Name extends EventName>(
    type: Name,
    pen: Pen,
    data: EventDataByName[Name],
    workload: WorkloadKey = this.workload,
  ): Promise<void> {
    this.told += 1;
    const { partition, traceparent } = this;
    const traced = traceparent === null ? {} : { traceparent };
    const cause = { id: `watcher-0-b1:${this.told}`, atMs: this.nowMs, ...traced };
    await this.write(
      eventFrom({ type, pen, workload, partition, source: '/flyball/story', cause, data }),
    );
  }

  /** The workload appears, with a policy, at zero. */
  async begin(settings: Partial<Policy> = {}): Promise<this> {
    await this.event('WorkloadAppeared', 'platform', {
      uid: 'u1',
      replicas: 0,
      createdAtMs: this.nowMs,
      adopted: false,
      resourceVersion: '1',
    });
    await this.event('WorkloadReachable', 'platform', {});
    await this.event('PolicySet', 'policy', {
      policy: { ...readPolicy, ...settings },
      layers: { targetValue: 'annotation', minScale: 'default' },
      warnings: [],
    });
    return this;
  }

  async pods(ready: number): Promise<this> {
    const known = this.decided.workloads[this.workload]?.readyPods ?? 0;
    for (let pod = known; pod < ready; pod += 1) {
      const name = `web-${pod}`;
      const address = `127.1.0.${pod + 1}:8080`;
      const createdAtMs = this.nowMs;
      const appeared = { pod: name, address, metricsAddress: null, createdAtMs };
      await this.event('PodAppeared', 'platform', appeared);
      await this.event('PodReady', 'platform', { pod: name });
    }
    for (let pod = known; pod > ready; pod -= 1) {
      await this.event('PodGone', 'platform', { pod: `web-${pod - 1}` });
    }
    return this;
  }

  /** `seconds` whole seconds of a steady load, a tick in each even one. */
  async load(seconds: number, concurrency: number): Promise<this> {
    for (let second = 0; second < seconds; second += 1) {
      const secondAtMs = this.nowMs;
      this.nowMs += secondMs;
      await this.sample(secondAtMs, concurrency, false);
      if ((this.nowMs / secondMs) % 2 === 0) {
        await this.windowerTakes({ type: 'TickDue', atMs: this.nowMs + tickOffsetMs });
      }
    }
    return this;
  }

  /** Requests at once, told in the middle of a second. */
  async burst(inFlight: number): Promise<this> {
    await this.sample(this.nowMs, inFlight, true);
    return this;
  }

  /** What the decider stores now and then. */
  async snapshot(): Promise<void> {
    const { seq, id: eventId } = this.decidedSeq;
    const { createdAt: streamCreatedAt } = await this.log.events.state();
    const algorithm = deciderSnapshotVersion;
    const state = { state: deciderSnapshot(this.decided), fences: this.fences };
    const key = { stage: 'decider', partition: this.partition };
    await storeSnapshot(this.log.snapshots, key, {
      streamCreatedAt,
      seq,
      eventId,
      algorithm,
      state,
    });
  }

  private async sample(secondAtMs: number, concurrency: number, partial: boolean): Promise<void> {
    this.samplesSeq += 1;
    const busy = concurrency > 0;
    const one = <Value>(value: Value): Value[] => (busy ? [value] : []);
    const batch: FlyballEvent<'SamplesReported'> = {
      id: `activator-gw0:${this.partition}:${secondAtMs}:${this.samplesSeq}`,
      type: 'SamplesReported',
      partition: this.partition,
      pen: 'samples',
      source: '/flyball/activator/gw0',
      atMs: this.nowMs + (partial ? tickOffsetMs / 2 : 0),
      data: {
        source: 'activator-gw0',
        secondAtMs,
        partial,
        rows: {
          workloads: one(this.workload),
          concurrencyMilli: one(concurrency * 1_000),
          requestsMilli: one(concurrency * 1_000),
          inFlight: one(concurrency),
          traceparents: one(this.traceparent),
        },
        covered: busy ? [] : [this.workload],
      },
    };
    const subject = samplesSubject(this.partition);
    await this.log.samples.append({ subject, id: batch.id, body: encodeUnchained(batch) });
    const place = { seq: this.samplesSeq, receivedAtMs: this.nowMs };
    await this.windowerTakes({ ...batch, ...place });
  }

  private async windowerTakes(input: WindowerInput): Promise<void> {
    const stepped = step<WindowerInput, typeof this.windowed, WindowerOutput>(
      windower,
      this.windowed,
      input,
    );
    this.windowed = stepped.state;
    for (const output of stepped.outputs) await this.write(output);
  }

  /** Appends, and gives it to both stages as they would read it. */
  private async write(event: FlyballEvent): Promise<void> {
    const isMinute = event.pen === 'minutes';
    const subject = isMinute
      ? minutesSubject(event.partition, event.workload ?? this.workload)
      : subjectOf(event, 'gw0');
    const fence = this.fences[subject] ?? noFence;
    const { body, chain } = encodeEvent(this.distort(event), fence.chain);
    const stream = isMinute ? this.log.minutes : this.log.events;
    const fenced = event.pen === 'requests' ? {} : { expectedLastSeq: fence.seq };
    const result = await stream.append({ subject, id: event.id, body, ...fenced });
    if (result.kind !== 'stored') throw new Error(`${event.id} was not stored: ${result.kind}`);
    this.fences[subject] = { seq: result.seq, chain };
    if (!isMinute) await this.stagesTake({ ...event, seq: result.seq } as RecordedEvent);
    else await this.windowerTakes({ ...event, seq: result.seq } as RecordedEvent);
  }

  private async stagesTake(event: RecordedEvent): Promise<void> {
    await this.windowerTakes(event);
    if (!this.deciderRuns || event.pen === 'decisions' || event.pen === 'progress') return;
    const stepped = step(decider, this.decided, event);
    this.decided = stepped.state;
    for (const output of stepped.outputs) await this.write(output);
    this.decidedSeq = { seq: event.seq, id: event.id };
  }
}

/** From zero: a burst, pods that come, a load, and zero again; two recorded minutes and a tail. */
export const tellStory = async (told = new RecordedStory()): Promise<RecordedStory> => {
  const story = await told.begin();
  await story.load(4, 0);
  await story.burst(50);
  await story.pods(5);
  await story.load(20, 50);
  await story.load(100, 12);
  await story.pods(2);
  return story.load(20, 12);
};
