/** The decider: folds policy, platform and ticks; records a decision when something changes. */
import { eventFrom, type FlyballEvent, type RecordedEvent } from '@flyball/contracts';
import type { Stage } from '../stage.ts';
import { decidedFrom, deciderSource } from './decided-event.ts';
import { type DeciderState, initialDeciderState } from './decider-state.ts';
import { foldTick } from './fold-tick.ts';
import { foldWorkload, introduces } from './fold-workload.ts';
import { notePods } from './sight.ts';
import { unknownWorkload } from './workload-state.ts';

export type DeciderOutput = FlyballEvent<'Decided'> | FlyballEvent<'DecidedThrough'>;

/** A decision is folded at its cause; told again it changes nothing. */
const foldDecided = (state: DeciderState, event: FlyballEvent<'Decided'>): void => {
  const known = event.workload === undefined ? undefined : state.workloads[event.workload];
  if (known === undefined || known.last?.id === event.id) return;
  const { from, to, mode, routing, binding, reason } = event.data;
  known.last = { id: event.id, atMs: event.atMs, from, to, mode, routing, binding, reason };
  known.asked = to;
  known.pending = true;
  state.tick.decisions += 1;
};

const foldFact = (state: DeciderState, event: RecordedEvent): void => {
  const { workload } = event;
  if (workload === undefined) return;
  if (event.type === 'WorkloadGone') {
    delete state.workloads[workload];
    return;
  }
  const known = state.workloads[workload];
  if (known === undefined && !introduces(event)) return;
  const folded = known ?? unknownWorkload(event.atMs);
  state.workloads[workload] = folded;
  if (foldWorkload(folded, event)) folded.pending = true;
  notePods(folded);
};

const throughOf = (
  state: DeciderState,
  cause: RecordedEvent & FlyballEvent<'TickObserved'>,
  decisions: number,
): FlyballEvent<'DecidedThrough'> =>
  eventFrom({
    type: 'DecidedThrough',
    pen: 'progress',
    partition: state.partition,
    source: deciderSource,
    cause: { id: cause.id, atMs: cause.atMs },
    data: {
      tickId: cause.id,
      tickAtMs: cause.atMs,
      throughSeq: cause.seq,
      workloads: state.tick.workloads,
      decisions: state.tick.decisions + decisions,
    },
  });

/**
 * Decides only on TickObserved: a tick concerns those with a row and, at its last part, those that
 * time may still move; a poke concerns its rows. The shell must not feed it its own outputs at
 * their own position in the stream: they are folded at their cause.
 */
export const decider: Stage<RecordedEvent, DeciderState, DeciderOutput> = {
  name: 'decider',
  initialState: initialDeciderState,
  evolve: (state, fact) => {
    if (fact.type === 'TickObserved') foldTick(state, fact as FlyballEvent<'TickObserved'>);
    else if (fact.type === 'Decided') foldDecided(state, fact as FlyballEvent<'Decided'>);
    else if (fact.type !== 'DecidedThrough') foldFact(state, fact as RecordedEvent);
    return state;
  },
  decide: (input, state) => {
    if (input.type !== 'TickObserved') return [];
    const outputs: DeciderOutput[] = [];
    for (const assessed of state.assessed) {
      const decided = decidedFrom(state, input, assessed);
      if (decided !== undefined) outputs.push(decided);
    }
    const { kind, part, parts } = input.data;
    if (kind === 'tick' && part === parts) {
      outputs.push(throughOf(state, input, outputs.length));
    }
    return outputs;
  },
};
