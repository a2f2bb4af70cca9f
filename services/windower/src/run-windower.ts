/** The windower's loop over one partition: samples and events in, pokes, ticks and minutes out. */
import {
  type FlyballEvent,
  OutsideError,
  partitionFilter,
  samplesSubject,
} from '@flyball/contracts';
import {
  nextTickAtMs,
  snapshotWindower,
  step,
  type WindowerInput,
  type WindowerOutput,
  windower,
} from '@flyball/domain';
import type { StoredMessage } from '@flyball/event-log';
import {
  appendsInFlightMax,
  brokenInputsMax,
  createSlices,
  createSnapshotter,
  retryPauseMs,
  type Snapshotter,
  sleep,
  sleepUntilTurn,
} from '@flyball/service';
import type { LogTime } from './log-time.ts';
import { fencesToKeep } from './open-writers.ts';
import { recoverWindower } from './recover-windower.ts';
import { sendInTurns } from './send-in-turns.ts';
import { createStoreKeeper, type StoreKeeper } from './store-keeper.ts';
import { takeBatch, takeEvent } from './take-message.ts';
import { beginTelling, type TellPoke } from './tell-poke.ts';
import { tellTenure } from './tell-tenure.ts';
import {
  eventsPosition,
  fail,
  fence,
  type Tenure,
  type WindowerContext,
  windowerSnapshotVersion,
} from './tenure.ts';

/** A state that lived this long begins its pauses anew. */
const steadyAfterMs = 10_000;

const send = async (tenure: Tenure, event: WindowerOutput, tell?: TellPoke): Promise<void> => {
  const isTick = event.type === 'TickObserved';
  if (isTick) tenure.told.set(event.id, event as FlyballEvent<'TickObserved'>);
  try {
    const written = await (isTick ? tenure.ticks : tenure.minutes).append(event);
    tell?.(event, written);
    if (written.kind === 'stored') return;
    // The same minute told by another owner stands; anything else means another owner writes.
    if (written.kind === 'duplicate' && !isTick) return;
    fence(tenure, `${written.kind} at ${event.id}`);
  } catch (error) {
    fail(tenure, error);
  }
};

/** Turns the crank; what comes of it is to be sent. */
const turn = (tenure: Tenure, input: WindowerInput): readonly WindowerOutput[] => {
  const { clock, metrics } = tenure;
  const startedMs = clock.monotonicMs();
  const stepped = step(windower, tenure.state, input);
  tenure.state = stepped.state;
  metrics.inputSeconds.observe((clock.monotonicMs() - startedMs) / 1_000);
  return stepped.outputs;
};

const hear = (logTime: LogTime, messages: readonly StoredMessage[]): void => {
  const newest = messages.at(-1);
  if (newest !== undefined) logTime.heard(newest.storedAtMs);
};

const readSamples = async (tenure: Tenure, keeper: StoreKeeper): Promise<void> => {
  const { log, partition, over, metrics, logTime, clock, checks } = tenure;
  const { telemetry } = tenure.life;
  const read = { stream: log.samples.name, partition };
  const reading = {
    filter: samplesSubject(partition),
    afterSeq: tenure.state.samplesThroughSeq,
    signal: over,
    onResume: () => metrics.readerResumes.inc(),
    onOpen: checks.samples.opened,
    onPending: (messages: number) => metrics.reading.pending(read, messages),
  };
  for await (const messages of log.samples.read(reading)) {
    hear(logTime, messages);
    await checks.samples.settled();
    const slices = createSlices(clock);
    for (const message of messages) {
      if (over.aborted) return;
      await takeBatch(tenure, message, (batch) => {
        const folded = beginTelling({ telemetry, clock }, batch);
        const outputs = turn(tenure, batch);
        const tell = folded?.();
        // The poke is under way before Redis hears of the batch; nobody waits for either here.
        for (const output of outputs) void send(tenure, output, tell);
        keeper.changed(batch.data.source, batch.data.secondAtMs);
        metrics.batches.inc({ partition });
      });
      if (tenure.ticks.pending() > appendsInFlightMax) await tenure.ticks.settled();
      await slices.next();
    }
    metrics.reading.taken(read, messages, clock.nowMs());
  }
};

const readEvents = async (tenure: Tenure): Promise<void> => {
  const { log, partition, over, metrics, clock, logTime, checks } = tenure;
  const read = { stream: log.events.name, partition };
  const batches = log.events.read({
    filter: partitionFilter(partition),
    afterSeq: tenure.state.eventsThroughSeq,
    signal: over,
    onResume: () => metrics.readerResumes.inc(),
    onOpen: checks.events.opened,
    onPending: (messages) => metrics.reading.pending(read, messages),
  });
  for await (const batch of batches) {
    hear(logTime, batch);
    await checks.events.settled();
    const slices = createSlices(clock);
    for (const message of batch) {
      if (over.aborted) return;
      await takeEvent(tenure, message);
      await slices.next();
    }
    metrics.reading.taken(read, batch, clock.nowMs());
  }
};

/** Also at the end of the lease, so that the next owner has the shortest way. */
const takeSnapshot = async (tenure: Tenure, snapshotter: Snapshotter): Promise<void> => {
  const { ticks, minutes } = tenure;
  // A poke may come in between: what is not stored must not count as said.
  while (ticks.pending() + minutes.pending() > 0) {
    await Promise.all([ticks.settled(), minutes.settled()]);
  }
  const connection = tenure.checks.standing();
  const isOwner = !tenure.stop.signal.aborted && tenure.ownership.isHeld();
  if (!isOwner || connection === undefined) return;
  const { eventId, state } = tenure;
  snapshotter.store({
    seq: state.eventsThroughSeq,
    eventId,
    state: { state: snapshotWindower(state), fences: fencesToKeep(tenure) },
    connection,
  });
};

/** A snapshot, unless the state is to be made anew. */
const keepOrRefold = async (tenure: Tenure, snapshotter: Snapshotter): Promise<void> => {
  if (!(await snapshotter.isRefoldAsked())) return takeSnapshot(tenure, snapshotter);
  tenure.broken.clear();
  fence(tenure, 'an operator asked for a fold from the beginning');
};

/** Says the tick that is due; gives the minutes that are to be recorded after it. */
const sayTick = async (tenure: Tenure, atMs: number): Promise<readonly WindowerOutput[]> => {
  const { clock, logTime, metrics } = tenure;
  const startedMs = clock.monotonicMs();
  metrics.tickLagSeconds.observe(Math.max(0, logTime.nowMs() - atMs) / 1_000);
  const outputs = turn(tenure, { type: 'TickDue', atMs });
  const isTick = (output: WindowerOutput): boolean => output.type === 'TickObserved';
  await Promise.all(outputs.filter(isTick).map((output) => send(tenure, output)));
  metrics.tickSeconds.observe((clock.monotonicMs() - startedMs) / 1_000);
  return outputs.filter((output) => !isTick(output));
};

const tickOn = async (tenure: Tenure, snapshotter: Snapshotter): Promise<void> => {
  const { clock, logTime, over } = tenure;
  let minutesSent = Promise.resolve();
  while (!over.aborted) {
    const atMs = nextTickAtMs(logTime.nowMs());
    await sleep(clock, atMs - logTime.nowMs(), over);
    if (over.aborted) break;
    // A timer may ring a little early.
    if (logTime.nowMs() < atMs) await sleep(clock, 1, over);
    const minutes = await sayTick(tenure, atMs);
    // They have until the next tick was said; none is held up by more than those of one tick.
    await minutesSent;
    minutesSent = sendInTurns(
      minutes,
      (minute) => send(tenure, minute),
      () => tenure.stop.signal.aborted,
    );
    if (!snapshotter.due(tenure.state.eventsThroughSeq)) continue;
    // They are folded already: what is not stored must not count as said.
    await minutesSent;
    await keepOrRefold(tenure, snapshotter);
  }
  await minutesSent;
};

const checkMirror = async (tenure: Tenure, keeper: StoreKeeper): Promise<void> => {
  const { clock, over, mirrorCheckEveryMs, life, partition } = tenure;
  while (!over.aborted) {
    await sleepUntilTurn(clock, { partition, everyMs: mirrorCheckEveryMs }, over);
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
    cursorId: () => tenure.samplesId,
    state: tenure.state,
    clock: tenure.clock,
    metrics: tenure.metrics,
    isOwner: () => tenure.ownership.isHeld(),
    signal: tenure.over,
    onStatus: tenure.onStoreStatus,
  });

/** The lease may only have run out: the next tenure of this process goes on from here. */
const leave = (tenure: Tenure, keeper: StoreKeeper): void => {
  const { recovery, stop, failure } = tenure;
  if (stop.signal.aborted || failure !== undefined) return;
  const { cursorSeq: storedCursorSeq, seconds } = keeper.left();
  recovery.leave({ ...tenure, storedCursorSeq, foldedSeconds: [...seconds] });
};

const live = async (tenure: Tenure): Promise<void> => {
  const position = eventsPosition(tenure);
  const versioned = { stage: windower, snapshotVersion: windowerSnapshotVersion };
  const { log, partition, clock, metrics, life } = tenure;
  const snapshotOptions = { log, stage: versioned, partition, clock, logger: life.logger, metrics };
  const snapshotter = createSnapshotter(snapshotOptions, { position, refoldId: tenure.refoldId });
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
  const forget = tellTenure(tenure);
  await Promise.all(loops);
  forget();
  await takeSnapshot(tenure, snapshotter);
  leave(tenure, keeper);
  await snapshotter.settled();
};

/** Owns a partition until the lease ends; recovers whenever another owner wrote. */
export const runWindower = async (context: WindowerContext): Promise<void> => {
  const { signal, clock, metrics, partition, life } = context;
  let reason = 'start';
  for (let attempt = 1; !signal.aborted; ) {
    metrics.recoveries.inc({ reason });
    const startedMs = clock.monotonicMs();
    const tenure = await recoverWindower(context);
    if (tenure === undefined) return;
    await live(tenure);
    if (tenure.failure !== undefined && !signal.aborted) throw tenure.failure;
    if (tenure.fencedBy === undefined) return;
    if (context.broken.size > brokenInputsMax) {
      throw new Error(`The stage threw on more than ${brokenInputsMax} inputs.`);
    }
    reason = 'fenced';
    attempt = clock.monotonicMs() - startedMs > steadyAfterMs ? 1 : attempt + 1;
    life.logger.warn({ partition, why: tenure.fencedBy }, 'state discarded; recovering');
    await sleep(clock, retryPauseMs(attempt), signal);
  }
};
