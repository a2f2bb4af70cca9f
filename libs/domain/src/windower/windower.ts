/** The windower: folds samples into windows and states the averages, each 2 s or when poked. */
import type { FlyballEvent } from '@flyball/contracts';
import { advanceRecomputation } from '../minutes/recompute.ts';
import { recordMinute } from '../minutes/record-minute.ts';
import type { Stage } from '../stage.ts';
import { foldEvent } from './fold-events.ts';
import { foldSamples } from './fold-samples.ts';
import { foldSentRows, foldTickDue, keptFromSecond } from './fold-ticks.ts';
import type { SampleBatch, WindowerInput, WindowerOutput } from './input.ts';
import { minuteSources } from './minute-source.ts';
import { minutesDue } from './minutes-due.ts';
import { initialWindowerState, type WindowerState, workloadOf } from './state.ts';
import { pokeEvents, tickEvents } from './tick.ts';

type Fact = WindowerInput | WindowerOutput;

const hasSeq = <Event extends object>(event: Event): event is Event & { readonly seq: number } =>
  'seq' in event;

/** Own output at its cause: known at once, awaited from the log. */
const foldSaid = (state: WindowerState, event: FlyballEvent<'TickObserved'>): void => {
  foldSentRows(state, event);
  state.awaited.set(event.id, event.atMs);
  if (event.data.kind === 'tick') state.tickPending = false;
  else state.pokeWanted = undefined;
};

const foldMinute = (state: WindowerState, event: FlyballEvent<'MinuteRecorded'>): void => {
  if (event.workload === undefined) return;
  const workload = workloadOf(state, event.workload);
  if (event.data.minuteAtMs <= workload.recordedMinuteAtMs) return;
  workload.recordedMinuteAtMs = event.data.minuteAtMs;
  workload.recomputation = advanceRecomputation(workload.recomputation, event.data);
};

const evolve = (state: WindowerState, fact: Fact): WindowerState => {
  if (fact.type === 'TickDue') foldTickDue(state, fact);
  else if (fact.type === 'SamplesReported') {
    foldSamples(state, fact as SampleBatch, keptFromSecond(state));
  } else if (fact.type === 'MinuteRecorded') foldMinute(state, fact);
  else if (hasSeq(fact)) foldEvent(state, fact);
  else foldSaid(state, fact);
  return state;
};

const decide = (input: WindowerInput, state: WindowerState): readonly WindowerOutput[] => {
  if (input.type === 'TickDue') {
    if (!state.tickPending) return [];
    const minutes = minuteSources(state, minutesDue(state, input.atMs)).map(({ due, source }) =>
      recordMinute(source, due.workload.recomputation),
    );
    return [...tickEvents(state, input.atMs), ...minutes];
  }
  if (input.type === 'SamplesReported') {
    const poke = state.pokeWanted;
    return poke === undefined ? [] : pokeEvents(state, poke);
  }
  return [];
};

/**
 * What is decided is appended, or the state is discarded: minutes wait for their ticks to come
 * back. Stored TickObserved and MinuteRecorded are told as they are read (with their seq): ticks
 * of owners before us count, and minutes need the positions of their ticks.
 */
export const windower: Stage<WindowerInput, WindowerState, WindowerOutput> = {
  name: 'windower',
  initialState: initialWindowerState,
  evolve,
  decide,
};
