/** The windower's loop over one partition: samples and events in, pokes, ticks and minutes out. */
import { OutsideError, partitionFilter, samplesSubject } from '@flyball/contracts';
import {
  nextTickAtMs,
  snapshotWindower,
  step,
  type WindowerInput,
  type WindowerOutput,
  windower,
} from '@flyball/domain';
import { classifyPosition } from '@flyball/event-log';
import {
  createSnapshotter,
  retryOutside,
  retryPauseMs,
  type Snapshotter,
  sleep,
} from '@flyball/service';
import { recoverWindower } from './recover-windower.ts';
import { createStoreKeeper, type StoreKeeper } from './store-keeper.ts';
import { readBatch, takeEvent } from './take-message.ts';
import {
  fail,
  fence,
  type Tenure,
  type WindowerContext,
  windowerSnapshotVersion,
} from './tenure.ts';

const send = async (tenure: Tenure, event: WindowerOutput): Promise<void> => {
  const isTick = event.type === 'TickObserved';
  if (isTick) tenure.told.add(event.id);
  try {
    const written = await (isTick ? tenure.ticks : tenure.minutes).append(event);
    if (written.kind === 'stored') return;
    // The same minute told by another owner stands; anything else means another owner writes.
    if (written.kind === 'duplicate' && !isTick) return;
    fence(tenure, `${written.kind} at ${event.id}`);
  } catch (error) {
    fail(tenure, error);
  }
};

/** Turns the crank; resolves when what came of it is stored. */
const turn = async (tenure: Tenure, input: WindowerInput): Promise<void> => {
  const stepped = step(windower, tenure.state, input);
  tenure.state = stepped.state;
  await Promise.all(stepped.outputs.map((output) => send(tenure, output)));
};

const tellSkew = ({ state, metrics }: Tenure): void => {
  for (const [source, aheadMs] of state.refusedSkewMs) {
    metrics.refusedSkewSeconds.set({ source }, aheadMs / 1_000);
  }
};

const readSamples = async (tenure: Tenure, keeper: StoreKeeper): Promise<void> => {
  const { log, partition, over, metrics } = tenure;
  const afterSeq = tenure.state.samplesThroughSeq;
  const reading = {
    filter: samplesSubject(partition),
    afterSeq,
    signal: over,
    onResume: () => metrics.readerResumes.inc(),
  };
  for await (const messages of log.samples.read(reading)) {
    for (const message of messages) {
      if (over.aborted) return;
      const batch = await readBatch(tenure, message);
      if (batch === undefined) continue;
      // The poke is under way before Redis hears of the batch; nobody waits for either here.
      turn(tenure, batch).catch((error: unknown) => fail(tenure, error));
      keeper.changed(batch.data.source, batch.data.secondAtMs);
      metrics.batches.inc({ partition });
    }
  }
};

const checkLog = async (tenure: Tenure): Promise<void> => {
  const { log, eventsCreatedAt: streamCreatedAt, eventId } = tenure;
  const seq = tenure.state.eventsThroughSeq;
  const message = seq === 0 ? undefined : await log.events.at(seq);
  const position = { streamCreatedAt, seq, eventId };
  const verdict = classifyPosition(await log.events.state(), position, message);
  if (verdict.kind !== 'ok') fence(tenure, `the log is ${verdict.kind}`);
};

const readEvents = async (tenure: Tenure): Promise<void> => {
  const { log, partition, over, metrics, clock, life } = tenure;
  const batches = log.events.read({
    filter: partitionFilter(partition),
    afterSeq: tenure.state.eventsThroughSeq,
    signal: over,
    onResume: () => {
      metrics.readerResumes.inc();
      checkLog(tenure).catch((error: unknown) =>
        life.logger.warn({ err: error, partition }, 'could not look whether the log is whole'),
      );
    },
  });
  for await (const batch of batches) {
    for (const message of batch) {
      if (over.aborted) return;
      await takeEvent(tenure, message);
    }
    const ageMs = clock.nowMs() - (batch.at(-1)?.storedAtMs ?? 0);
    metrics.lagSeconds.set({ partition }, Math.max(0, ageMs) / 1_000);
  }
};

/** Also at the end of the lease, so that the next owner has the shortest way. */
const takeSnapshot = async (tenure: Tenure, snapshotter: Snapshotter): Promise<void> => {
  await tenure.ticks.settled();
  await tenure.minutes.settled();
  if (tenure.stop.signal.aborted || !tenure.ownership.isHeld()) return;
  const { eventId, state } = tenure;
  snapshotter.store({
    seq: state.eventsThroughSeq,
    eventId,
    state: { state: snapshotWindower(state), fences: tenure.ticks.fences() },
  });
};

const tickOn = async (tenure: Tenure, snapshotter: Snapshotter): Promise<void> => {
  const { clock, over, metrics } = tenure;
  while (!over.aborted) {
    const atMs = nextTickAtMs(clock.nowMs());
    await sleep(clock, atMs - clock.nowMs(), over);
    if (over.aborted) return;
    // A timer may ring a little early.
    if (clock.nowMs() < atMs) await sleep(clock, 1, over);
    const startedMs = clock.monotonicMs();
    metrics.tickLateSeconds.observe(Math.max(0, clock.nowMs() - atMs) / 1_000);
    await turn(tenure, { type: 'TickDue', atMs });
    metrics.tickSeconds.observe((clock.monotonicMs() - startedMs) / 1_000);
    tellSkew(tenure);
    if (snapshotter.due(tenure.state.eventsThroughSeq)) await takeSnapshot(tenure, snapshotter);
  }
};

const checkMirror = async (tenure: Tenure, keeper: StoreKeeper): Promise<void> => {
  const { clock, over, mirrorCheckEveryMs, life, partition } = tenure;
  while (!over.aborted) {
    await sleep(clock, mirrorCheckEveryMs, over);
    if (over.aborted) return;
    try {
      const differences = await keeper.check();
      if (differences !== undefined && differences > 0) {
        life.logger.error({ partition, differences }, 'Redis and memory differ');
      }
    } catch (error) {
      if (!(error instanceof OutsideError)) throw error;
      life.logger.warn({ err: error, partition }, 'could not compare Redis with memory');
    }
  }
};

const beginKeeping = (tenure: Tenure): StoreKeeper =>
  createStoreKeeper({
    store: tenure.store,
    partition: tenure.partition,
    streamCreatedAt: tenure.samplesCreatedAt,
    cursorSeq: tenure.storedCursorSeq,
    state: tenure.state,
    clock: tenure.clock,
    metrics: tenure.metrics,
    isOwner: () => tenure.ownership.isHeld(),
    signal: tenure.over,
    onStatus: tenure.onStoreStatus,
  });

const live = async (tenure: Tenure): Promise<void> => {
  const { partition, eventsCreatedAt: streamCreatedAt, eventId } = tenure;
  const position = { streamCreatedAt, seq: tenure.state.eventsThroughSeq, eventId };
  const versioned = { stage: windower, snapshotVersion: windowerSnapshotVersion };
  const { log, clock, metrics, life } = tenure;
  const snapshotOptions = { log, stage: versioned, partition, clock, logger: life.logger, metrics };
  const snapshotter = createSnapshotter(snapshotOptions, position);
  const keeper = beginKeeping(tenure);
  for (const folded of tenure.foldedSeconds) keeper.changed(folded.source, folded.secondAtMs);
  tenure.foldedSeconds.length = 0;
  const loops = [
    readEvents(tenure),
    readSamples(tenure, keeper),
    tickOn(tenure, snapshotter),
    keeper.run(),
    checkMirror(tenure, keeper),
  ].map((loop) => loop.catch((error: unknown) => fail(tenure, error)));
  await Promise.all(loops);
  await takeSnapshot(tenure, snapshotter);
  await snapshotter.settled();
};

/** Owns a partition until the lease ends; recovers whenever another owner wrote. */
export const runWindower = async (context: WindowerContext): Promise<void> => {
  const { signal, clock, metrics, partition, life } = context;
  const onRetry = (error: OutsideError) => metrics.retries.inc({ code: error.code });
  let reason = 'start';
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    metrics.recoveries.inc({ reason });
    const startedMs = clock.monotonicMs();
    const tenure = await retryOutside(() => recoverWindower(context), { clock, signal, onRetry });
    const tookMs = clock.monotonicMs() - startedMs;
    metrics.recoverySeconds.observe(tookMs / 1_000);
    life.logger.info({ partition, tookMs: Math.round(tookMs) }, 'live');
    await live(tenure);
    if (tenure.failure !== undefined && !signal.aborted) throw tenure.failure;
    if (tenure.fencedBy === undefined) return;
    reason = 'fenced';
    life.logger.warn({ partition, why: tenure.fencedBy }, 'state discarded; recovering');
    await sleep(clock, retryPauseMs(attempt), signal);
  }
};
