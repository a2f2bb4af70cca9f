/** The windower's state as its last owner would have it: snapshot, Redis, EVENTS and SAMPLES. */
import {
  decodeEvent,
  minutesSubject,
  OutsideError,
  partitionFilter,
  partitionSubject,
  samplesSubject,
  type WorkloadKey,
} from '@flyball/contracts';
import { restoreWindower, type WindowerSnapshot, windower } from '@flyball/domain';
import { announcedAtMs, classifyPosition, type StreamState } from '@flyball/event-log';
import {
  createSlices,
  lastRefoldId,
  lossAt,
  lossOf,
  type Recovered,
  recover,
  recoverInTurn,
  recoveryFacts,
  retryOutside,
  tellRecovery,
} from '@flyball/service';
import type { StoredWindows, WindowCursor } from '@flyball/window-store';
import pLimit from 'p-limit';
import { createLogChecks } from './log-checks.ts';
import { openWriters } from './open-writers.ts';
import { guarded, takeBatch, takeEvent } from './take-message.ts';
import {
  eventsPosition,
  fence,
  samplesPosition,
  type Tenure,
  type WindowerContext,
  windowerSnapshotVersion,
} from './tenure.ts';

/** Last minutes that are looked up at once. */
const lookUpsMax = 64;

interface Kept {
  readonly snapshot: WindowerSnapshot | undefined;
}

const isSnapshot = (value: unknown): value is WindowerSnapshot =>
  typeof value === 'object' &&
  value !== null &&
  'eventsThroughSeq' in value &&
  'workloads' in value;

const recoverSnapshot = ({ log, partition }: WindowerContext): Promise<Recovered<Kept>> =>
  recover<Kept>({
    log,
    stage: 'windower',
    partition,
    snapshotVersion: windowerSnapshotVersion,
    fromSnapshot: (value) => (isSnapshot(value) ? { snapshot: value } : undefined),
    initialState: () => ({ snapshot: undefined }),
  });

interface Loaded {
  readonly windows: StoredWindows;
  /** Redis goes on from here; undefined: its cursor is not one of SAMPLES as they are. */
  readonly cursor: WindowCursor | undefined;
}

/**
 * Redis shortens the way back: without it SAMPLES are folded from their beginning. When SAMPLES
 * lost their tail, or are a new stream, its seconds are still what was measured, and what SAMPLES
 * still hold is folded over them: a window must not shrink because a log did.
 */
const compareWindows = async (
  context: WindowerContext,
  samples: StreamState,
  stored: StoredWindows | undefined,
): Promise<Loaded | undefined> => {
  if (stored === undefined) return undefined;
  const { streamCreatedAt, cursorSeq: seq, cursorId: eventId } = stored;
  const batch = seq === 0 ? undefined : await context.log.samples.at(seq);
  const { kind } = classifyPosition(samples, { streamCreatedAt, seq, eventId }, batch);
  if (kind === 'ok') return { windows: stored, cursor: stored };
  return { windows: { ...stored, cursorSeq: 0 }, cursor: undefined };
};

/** Undefined when Redis has nothing of it, or does not answer. */
const loadStored = async ({
  store,
  partition,
  metrics,
  onStoreStatus,
}: WindowerContext): Promise<StoredWindows | undefined> => {
  try {
    const stored = await store.load(partition);
    onStoreStatus(true, 'Redis answers');
    return stored;
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error;
    metrics.storeFailures.inc({ code: error.code });
    onStoreStatus(false, error.message);
    return undefined;
  }
};

/** Ticks before the snapshot whose minutes are still owed. */
const tellTicksAgain = async (tenure: Tenure, fromSeq: number, throughSeq: number) => {
  const { log, partition, over } = tenure;
  const filter = partitionSubject(partition, 'ticks');
  const reading = { filter, afterSeq: Math.max(0, fromSeq - 1), signal: over };
  for await (const batch of log.events.readToEnd(reading)) {
    for (const message of batch) {
      if (message.seq > throughSeq) return;
      const decoded = decodeEvent(message.body, message.subject, message.seq);
      if (!decoded.ok) continue;
      await guarded(tenure, 'EVENTS', message, () => {
        tenure.state = windower.evolve(tenure.state, decoded.event);
      });
    }
  }
};

/** What was recorded last of each workload: the next minute follows on it. */
const tellLastMinutes = async (tenure: Tenure): Promise<void> => {
  const { log, partition, over } = tenure;
  const limit = pLimit(lookUpsMax);
  const tell = async (workload: WorkloadKey): Promise<void> => {
    if (over.aborted) return;
    const subject = minutesSubject(partition, workload);
    const last = await log.minutes.last(subject);
    if (last === undefined) return;
    const decoded = decodeEvent(last.body, subject, last.seq);
    if (!decoded.ok) return;
    await guarded(tenure, 'MINUTES', last, () => {
      tenure.state = windower.evolve(tenure.state, decoded.event);
    });
  };
  await Promise.all([...tenure.state.workloads.keys()].map((key) => limit(() => tell(key))));
};

/** Folds what came since; ends early with the tenure. Gives the number of messages. */
const foldToEnd = async (tenure: Tenure): Promise<number> => {
  const { log, partition, over, clock } = tenure;
  let folded = 0;
  const { eventsThroughSeq, samplesThroughSeq } = tenure.state;
  const events = { filter: partitionFilter(partition), afterSeq: eventsThroughSeq, signal: over };
  for await (const batch of log.events.readToEnd(events)) {
    const slices = createSlices(clock);
    for (const message of batch) {
      if (over.aborted) return folded;
      await takeEvent(tenure, message);
      folded += 1;
      await slices.next();
    }
  }
  if (!tenure.isInformed) await tellLastMinutes(tenure);
  if (over.aborted) return folded;
  tenure.isInformed = true;
  const filter = samplesSubject(partition);
  const samples = { filter, afterSeq: samplesThroughSeq, signal: over };
  for await (const messages of log.samples.readToEnd(samples)) {
    const slices = createSlices(clock);
    for (const message of messages) {
      if (over.aborted) return folded;
      await takeBatch(tenure, message, (batch) => {
        tenure.state = windower.evolve(tenure.state, batch);
        const { source, secondAtMs } = batch.data;
        tenure.foldedSeconds.push({ source, secondAtMs });
      });
      folded += 1;
      await slices.next();
    }
  }
  return folded;
};

/** Without it the first tick would fall by this clock alone, and a tick cannot be taken back. */
const learnLogTime = async ({ log, life, logTime }: WindowerContext): Promise<void> => {
  if (logTime.isKnown) return;
  const storedAtMs = await announcedAtMs(log.leases, 'windower', life.incarnation);
  if (storedAtMs !== undefined) logTime.heard(storedAtMs);
};

/** With what an earlier tenure left; undefined when the log, or an operator, is against it. */
const goOn = async (context: WindowerContext, left: Tenure): Promise<Tenure | undefined> => {
  const { log, partition, signal, life } = context;
  const position = eventsPosition(left);
  const fences = left.ticks.fences(position.seq);
  const [lostEvents, lostSamples, refoldId] = await Promise.all([
    lossOf(log, { position, fences }),
    lossAt(log.samples, samplesPosition(left)),
    lastRefoldId({ log, stage: 'windower', partition }),
  ]);
  const isAskedAnew = refoldId !== '' && refoldId !== left.refoldId;
  if (lostEvents !== undefined || lostSamples !== undefined || isAskedAnew) return undefined;
  life.logger.info({ partition, from: { kind: 'memory' }, afterSeq: position.seq }, 'recovering');
  const stop = new AbortController();
  const checks = createLogChecks(context, () => tenure);
  const tenure: Tenure = {
    ...{ ...left, ...context, checks, ...openWriters(context, { fences, position }, checks), stop },
    from: 'memory',
    over: AbortSignal.any([signal, stop.signal]),
  };
  return tenure;
};

/** With what is stored. */
const restore = async (context: WindowerContext): Promise<Tenure> => {
  const { log, partition, signal, life } = context;
  const [recovered, samples, stored] = await Promise.all([
    recoverSnapshot(context),
    log.samples.state(),
    loadStored(context),
  ]);
  const { snapshot } = recovered.state;
  const loaded = await compareWindows(context, samples, stored);
  const { from } = recovered;
  const fromRedis = loaded?.cursor?.cursorSeq ?? null;
  life.logger.info({ partition, from, fromRedis }, 'recovering');
  const stop = new AbortController();
  const checks = createLogChecks(context, () => tenure);
  const tenure: Tenure = {
    ...context,
    checks,
    ...openWriters(context, recovered, checks),
    state: restoreWindower(partition, snapshot, loaded?.windows),
    told: new Map(),
    stop,
    over: AbortSignal.any([signal, stop.signal]),
    eventsCreatedAt: recovered.position.streamCreatedAt,
    samplesCreatedAt: samples.createdAt,
    storedCursorSeq: loaded?.cursor?.cursorSeq,
    foldedSeconds: [],
    isInformed: false,
    refoldId: recovered.refoldId,
    from: from.kind,
    eventId: recovered.position.eventId,
    samplesId: loaded?.cursor?.cursorId ?? '',
    fencedBy: undefined,
    failure: undefined,
  };
  if (snapshot !== undefined) {
    await tellTicksAgain(tenure, snapshot.ticksFromSeq, snapshot.eventsThroughSeq);
    // Some may be missing from it now: it is not to be gone on with.
    if (signal.aborted) stop.abort();
  }
  return tenure;
};

const open = async (context: WindowerContext, left: Tenure | undefined): Promise<Tenure> => {
  await learnLogTime(context);
  return (left && (await goOn(context, left))) ?? (await restore(context));
};

/**
 * Recovers a partition in its turn; nothing is decided on what was there before. Undefined when the
 * lease ended before it began. Throws OutsideError.
 */
export const recoverWindower = async (context: WindowerContext): Promise<Tenure | undefined> => {
  const { log, signal, clock, metrics, recovery, partition, life } = context;
  const onRetry = (error: OutsideError) => metrics.retries.inc({ code: error.code });
  const startedMs = clock.monotonicMs();
  let connection = log.connection();
  const recovering = await recoverInTurn(recovery, signal, (left) => {
    const begin = (): Promise<Tenure> => {
      connection = log.connection();
      return open(context, left);
    };
    return retryOutside(begin, { clock, signal, onRetry });
  });
  if (recovering === undefined) return undefined;
  const { begun: tenure, endTurn } = recovering;
  let messages = 0;
  try {
    messages = await foldToEnd(tenure);
  } finally {
    endTurn();
  }
  // What was read before and after may be of two logs, the second without the first one's tail.
  if (log.connection() !== connection) fence(tenure, 'the connection was made anew meanwhile');
  if (tenure.over.aborted) return tenure;
  const tookMs = clock.monotonicMs() - startedMs;
  metrics.recoverySeconds.observe(tookMs / 1_000);
  life.logger.info({ partition, tookMs: Math.round(tookMs) }, 'live');
  const { from } = tenure;
  tellRecovery(life, partition).onRecovered?.(recoveryFacts(clock, { from, messages, startedMs }));
  return tenure;
};
