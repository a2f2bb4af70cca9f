/** What is kept of the traces that arrive: cold starts have half of the room for themselves. */
import type { ReceivedSpan } from '../received-span.ts';
import { isOfColdStart } from './request-in.ts';
import {
  createShelf,
  isOver,
  keepSpan,
  type Limits,
  newTrace,
  putTrace,
  type Shelf,
  type Trace,
  takeTrace,
} from './shelf.ts';

/**
 * Decisions and sampled requests come every second, cold starts seldom: as long as these take no
 * more than this share of the room, others make room for them.
 */
const coldShare = 0.5;

export interface KeptTraces {
  add(span: ReceivedSpan): void;
  get(traceId: string): Trace | undefined;
  all(): [string, Trace][];
  readonly dropped: { readonly traces: number; readonly spans: number };
}

/** The trace that came first goes first. */
export const createKeptTraces = (limits: Limits): KeptTraces => {
  const cold = createShelf();
  const others = createShelf();
  const dropped = { traces: 0, spans: 0 };

  const shelfFor = (span: ReceivedSpan): Shelf => {
    const { traceId } = span;
    if (cold.traces.has(traceId)) return cold;
    const known = others.traces.get(traceId);
    const shelf = isOfColdStart(span) ? cold : others;
    if (known === undefined) putTrace(shelf, traceId, newTrace());
    else if (shelf === cold) {
      takeTrace(others, traceId, known);
      putTrace(cold, traceId, known);
    }
    return shelf;
  };
  const makeRoom = (): void => {
    while (isOver([cold, others], limits, 1)) {
      const areOthersFirst = others.traces.size > 0 && !isOver([cold], limits, coldShare);
      const shelf = areOthersFirst || cold.traces.size === 0 ? others : cold;
      const [oldest] = shelf.traces;
      if (oldest === undefined) return;
      takeTrace(shelf, ...oldest);
      dropped.traces += 1;
      dropped.spans += oldest[1].spans.size;
    }
  };

  return {
    add: (span) => {
      const shelf = shelfFor(span);
      const trace = shelf.traces.get(span.traceId);
      if (trace !== undefined && !keepSpan(shelf, trace, span, limits)) dropped.spans += 1;
      makeRoom();
    },
    get: (traceId) => cold.traces.get(traceId) ?? others.traces.get(traceId),
    all: () => [...others.traces, ...cold.traces],
    dropped,
  };
};
