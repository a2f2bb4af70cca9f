/** A partition's logs for the windower's tests: events get their places, own ticks come back. */
import type {
  AnyEvent,
  EventDataByName,
  EventName,
  FlyballEvent,
  Policy,
  RecordedEvent,
  WorkloadKey,
} from '@flyball/contracts';
import { storyPolicy } from '@flyball/contracts/testing';
import type { RecordedMinute, RecordedTick } from '../minutes/ticks-of-minute.ts';
import { step } from '../stage.ts';
import type { SampleBatch, WindowerInput, WindowerOutput } from './input.ts';
import { initialWindowerState, type WindowerState } from './state.ts';
import { windower } from './windower.ts';

/** A minute that begins at a whole minute: 2026-01-01T00:00:00Z. */
export const startMs = 1_767_225_600_000;

export const examplePolicy = (changes: Partial<Policy> = {}): Policy => ({
  ...storyPolicy,
  initialScale: 1,
  targetBurstCapacity: 200,
  ...changes,
});

export interface SampleRow {
  readonly workload: WorkloadKey;
  readonly concurrencyMilli: number | null;
  readonly requestsMilli?: number | null;
  readonly inFlight?: number;
  readonly traceparent?: string;
}

export interface BatchOf {
  readonly source?: string;
  /** Seconds after `startMs`. */
  readonly second: number;
  /** When it was sent, ms after `startMs`; at the end of its second by default. */
  readonly sentMs?: number;
  readonly partial?: boolean;
  readonly rows?: readonly SampleRow[];
  readonly covered?: readonly WorkloadKey[];
}

export interface PartitionLog {
  state: WindowerState;
  /** Everything the windower was told, so that it can be told again. */
  readonly told: WindowerInput[];
  readonly ticks: RecordedTick[];
  readonly minutes: RecordedMinute[];
  readonly events: RecordedEvent[];
  /** Own ticks come back at once, or only when the next input is told. */
  late: boolean;
  tell<Name extends EventName>(
    type: Name,
    about: { readonly workload: WorkloadKey; readonly atMs?: number },
    data: EventDataByName[Name],
  ): void;
  sample(batch: BatchOf): readonly WindowerOutput[];
  /** `atMs` after `startMs`. */
  tick(atMs: number): readonly WindowerOutput[];
}

const penOf = (type: EventName): AnyEvent['pen'] => (type === 'PolicySet' ? 'policy' : 'platform');

const columnsOf = (rows: readonly SampleRow[]): SampleBatch['data']['rows'] => ({
  workloads: rows.map(({ workload }) => workload),
  concurrencyMilli: rows.map(({ concurrencyMilli }) => concurrencyMilli),
  requestsMilli: rows.map(
    ({ requestsMilli, concurrencyMilli }) => requestsMilli ?? concurrencyMilli,
  ),
  inFlight: rows.map(({ inFlight }) => inFlight ?? 0),
  traceparents: rows.map(({ traceparent }) => traceparent ?? null),
});

/** A batch as SAMPLES would give it. */
export const exampleBatch = (seq: number, batch: BatchOf): SampleBatch => {
  const { source = 'activator-1', second, partial = false, rows = [], covered = [] } = batch;
  const atMs = startMs + (batch.sentMs ?? second * 1000 + 1_020);
  return {
    id: `${source}:0:${startMs + second * 1000}:${seq}`,
    type: 'SamplesReported',
    partition: 0,
    pen: 'samples',
    source: `/flyball/${source}`,
    atMs,
    seq,
    receivedAtMs: atMs,
    data: {
      source,
      secondAtMs: startMs + second * 1000,
      partial,
      rows: columnsOf(rows),
      covered: [...covered],
    },
  };
};

const watched = (
  seq: number,
  type: EventName,
  fact: { readonly workload: WorkloadKey; readonly atMs: number; readonly data: unknown },
): RecordedEvent => {
  const place = { partition: 0, pen: penOf(type), source: '/flyball/watcher', seq };
  return { id: `watcher-1:${seq}`, type, ...fact, ...place } as unknown as RecordedEvent;
};

export const createPartitionLog = (state = initialWindowerState(0)): PartitionLog => {
  let eventSeq = 0;
  let samplesSeq = 0;
  let returning: RecordedTick[] = [];
  const turn = (input: WindowerInput): readonly WindowerOutput[] => {
    log.told.push(input);
    const stepped = step(windower, log.state, input);
    log.state = stepped.state;
    return stepped.outputs;
  };
  const comeBack = (): void => {
    const back = returning;
    returning = [];
    for (const tick of back) turn(tick);
  };
  const append = (outputs: readonly WindowerOutput[]): void => {
    for (const output of outputs) {
      if (output.type === 'MinuteRecorded') log.minutes.push(output);
      else {
        eventSeq += 1;
        const recorded = { ...(output as FlyballEvent<'TickObserved'>), seq: eventSeq };
        log.ticks.push(recorded);
        returning.push(recorded);
      }
    }
    if (!log.late) comeBack();
  };
  const take = (input: WindowerInput): readonly WindowerOutput[] => {
    comeBack();
    const outputs = turn(input);
    append(outputs);
    return outputs;
  };
  const log: PartitionLog = {
    state,
    told: [],
    ticks: [],
    minutes: [],
    events: [],
    late: false,
    tell: (type, { workload, atMs = 0 }, data) => {
      comeBack();
      eventSeq += 1;
      const event = watched(eventSeq, type, { workload, atMs: startMs + atMs, data });
      log.events.push(event);
      append(turn(event));
    },
    sample: (batch) => {
      samplesSeq += 1;
      return take(exampleBatch(samplesSeq, batch));
    },
    tick: (atMs) => take({ type: 'TickDue', atMs: startMs + atMs }),
  };
  return log;
};

/** The one row of a workload in some outputs. */
export const rowIn = (outputs: readonly WindowerOutput[], workload: WorkloadKey) => {
  for (const output of outputs) {
    if (output.type !== 'TickObserved') continue;
    const { rows, kind } = (output as FlyballEvent<'TickObserved'>).data;
    const at = rows.workloads.indexOf(workload);
    if (at === -1) continue;
    return {
      kind,
      stableMilli: rows.stableMilli[at],
      panicMilli: rows.panicMilli[at],
      seen: rows.seen[at],
      coveredAtMs: rows.coveredAtMs[at],
      inFlight: rows.inFlight[at],
      traceparent: rows.traceparents[at],
    };
  }
  return undefined;
};

/** Brings a workload under Flyball, with some ready pods. */
export const bringUp = (
  log: PartitionLog,
  workload: WorkloadKey,
  {
    pods = 1,
    policy = {},
    atMs = 0,
  }: { pods?: number; policy?: Partial<Policy>; atMs?: number } = {},
): void => {
  const about = { workload, atMs };
  const appeared = { uid: 'u', replicas: pods, createdAtMs: startMs, adopted: false };
  log.tell('WorkloadAppeared', about, { ...appeared, resourceVersion: '1' });
  log.tell('PolicySet', about, { policy: examplePolicy(policy), layers: {}, warnings: [] });
  for (let pod = 0; pod < pods; pod += 1) {
    const named = { pod: `pod-${pod}` };
    log.tell('PodAppeared', about, {
      ...named,
      address: '127.0.0.2:8080',
      metricsAddress: null,
      createdAtMs: startMs,
    });
    log.tell('PodReady', about, named);
  }
};
