/** A workload's own events as lines over time: replicas, requests that wait, panic, marks. */
import type { Policy, RecordedEvent } from '@flyball/contracts';
import { eventSentence, instanceOf, tracedIn } from '@flyball/reading';
import { setWaiting, type WaitingBy } from '../waiting-by.ts';
import type { Mark, MarkKind, ToldEvent } from '../wire.ts';
import { createNewest, type Newest } from './newest.ts';
import { createPointLog, type PointLog, type Stretch } from './point-log.ts';
import { toldEvent } from './told-event.ts';

const marksMax = 2_000;
const panicsMax = 2_000;
const toldMax = 5_000;

export interface EventLines {
  readonly wanted: PointLog;
  readonly applied: PointLog;
  readonly ready: PointLog;
  readonly waiting: PointLog;
  /** What all ready pods are to take together. */
  readonly target: PointLog;
  readonly panics: Newest<{ readonly fromMs: number; toMs: number | null }>;
  readonly marks: Newest<Mark>;
  readonly told: Newest<ToldEvent>;
  /** There are events from before the stretch, which are not told. */
  hasEarlier: boolean;
  readonly readyPods: Set<string>;
  readonly waitingBy: WaitingBy;
  policy: Policy | null;
}

export const createEventLines = (stretch: () => Stretch): EventLines => ({
  wanted: createPointLog(stretch),
  applied: createPointLog(stretch),
  ready: createPointLog(stretch),
  waiting: createPointLog(stretch),
  target: createPointLog(stretch),
  panics: createNewest(panicsMax),
  marks: createNewest(marksMax),
  told: createNewest(toldMax),
  hasEarlier: false,
  readyPods: new Set(),
  waitingBy: new Map(),
  policy: null,
});

const markKinds: Readonly<Partial<Record<RecordedEvent['type'], MarkKind>>> = {
  PolicySet: 'policy',
  PolicyRefused: 'policy',
  ReplicasDrifted: 'drift',
  ColdStartCompleted: 'cold start',
  RequestsLost: 'lost',
  ScaleFailed: 'failed',
  RoutingFailed: 'failed',
  PlatformUnseen: 'failed',
};

const mark = ({ marks }: EventLines, event: RecordedEvent): void => {
  const kind = markKinds[event.type];
  if (kind === undefined) return;
  const { id: eventId, atMs } = event;
  marks.push({ atMs, kind, sentence: eventSentence(event), eventId, traceId: tracedIn(event) });
};

const foldTarget = ({ policy, readyPods, target }: EventLines, atMs: number): void =>
  target.push(atMs, policy === null ? null : policy.targetValue * readyPods.size);

const foldReady = (lines: EventLines, atMs: number): void => {
  const { ready, readyPods } = lines;
  if (ready.last()?.[1] !== readyPods.size) ready.push(atMs, readyPods.size);
  foldTarget(lines, atMs);
};

const foldWaiting = ({ waiting, waitingBy }: EventLines, atMs: number): void => {
  const count = [...waitingBy.values()].reduce((sum, one) => sum + one, 0);
  if ((waiting.last()?.[1] ?? 0) !== count) waiting.push(atMs, count);
};

const foldPanic = ({ panics }: EventLines, fromMs: number | null, atMs: number): void => {
  const last = panics.all().at(-1);
  const isOpen = last !== undefined && last.toMs === null;
  if (fromMs !== null && !isOpen) panics.push({ fromMs, toMs: null });
  if (fromMs === null && isOpen) last.toMs = atMs;
};

const foldDecided = (
  lines: EventLines,
  { data, atMs }: Extract<RecordedEvent, { type: 'Decided' }>,
): void => {
  if (lines.wanted.last()?.[1] !== data.to) lines.wanted.push(atMs, data.to);
  foldPanic(lines, data.mode === 'panic' ? (data.panicSinceMs ?? atMs) : null, atMs);
};

const foldGone = (lines: EventLines, atMs: number): void => {
  lines.readyPods.clear();
  lines.policy = null;
  lines.wanted.push(atMs, 0);
  lines.applied.push(atMs, 0);
  foldReady(lines, atMs);
  foldPanic(lines, null, atMs);
};

const foldLine = (lines: EventLines, event: RecordedEvent): void => {
  const { atMs } = event;
  switch (event.type) {
    case 'WorkloadAppeared':
      lines.applied.push(atMs, event.data.replicas);
      return;
    case 'WorkloadGone':
      foldGone(lines, atMs);
      return;
    case 'PolicySet':
      lines.policy = event.data.policy;
      foldTarget(lines, atMs);
      return;
    case 'PodReady':
      lines.readyPods.add(event.data.pod);
      foldReady(lines, atMs);
      return;
    case 'PodUnready':
    case 'PodGone':
      lines.readyPods.delete(event.data.pod);
      foldReady(lines, atMs);
      return;
    case 'Decided':
      foldDecided(lines, event);
      return;
    case 'ScaleApplied':
      lines.applied.push(event.data.appliedAtMs, event.data.to);
      return;
    case 'ReplicasDrifted':
      lines.applied.push(atMs, event.data.observed);
      return;
    case 'RequestsCounted':
      setWaiting(lines.waitingBy, instanceOf(event), event.data.waiting);
      foldWaiting(lines, atMs);
      return;
    case 'RequestsLost':
      lines.waitingBy.delete(event.data.instance);
      foldWaiting(lines, atMs);
      return;
    default:
      return;
  }
};

/** Folds one of the workload's own events, in place; what is after the stretch is passed by. */
export const foldEvent = (lines: EventLines, event: RecordedEvent, { fromMs, toMs }: Stretch) => {
  if (event.atMs > toMs) return;
  foldLine(lines, event);
  if (event.atMs < fromMs) {
    lines.hasEarlier = true;
    return;
  }
  mark(lines, event);
  lines.told.push(toldEvent(event));
};
