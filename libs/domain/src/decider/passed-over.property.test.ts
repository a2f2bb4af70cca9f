/** Ticks pass over whom nothing may have moved: looking at everybody must not say anything more. */
import type { RecordedEvent } from '@flyball/contracts';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Act, policySettings, told } from '../testing/decider-acts.ts';
import { type Decided, DeciderStory } from '../testing/decider-story.ts';

/** Looks at every workload at every tick. */
class ThoroughStory extends DeciderStory {
  override input(event: RecordedEvent): Decided[] {
    if (event.type === 'TickObserved' && event.data.kind === 'tick') {
      for (const workload of Object.values(this.state.workloads)) workload.pending = true;
    }
    return super.input(event);
  }
}

const loads = fc.constantFrom(0, 0.5, 5, 12, 19.9, 20.3, 33);
const seen = fc.constantFrom('measured' as const, 'measured' as const, 'blind' as const);
const row = fc.record({ stable: loads, panic: loads, seen });
/** Calm lives, in which most ticks bring nothing new. */
const calmAct: fc.Arbitrary<Act> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      act: fc.constant('tick' as const),
      row: fc.option(row, { freq: 2 }),
      afterS: fc.constantFrom(2, 2, 2, 30),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constant('poke' as const), row, inFlight: loads }) },
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constant('pods' as const), pods: fc.nat({ max: 4 }) }),
  },
  fc.record({
    act: fc.constant('starting' as const),
    pods: fc.integer({ min: 1, max: 4 }),
  }),
  fc.record({
    act: fc.constant('routed' as const),
    routing: fc.constantFrom('activator' as const, 'pods' as const),
  }),
  fc.record({ act: fc.constant('reachable' as const), reachable: fc.boolean() }),
);
const calmSettings = fc.record({
  targetValue: fc.constantFrom(7, 10),
  panicThreshold: fc.constantFrom(2, 1000),
});

it('a workload that a tick passes over would not have been decided about', () => {
  const acts = fc.array(calmAct, { minLength: 5, maxLength: 40, size: 'max' });
  const settings = fc
    .tuple(policySettings, calmSettings)
    .map(([any, calm]) => ({ ...any, ...calm }));
  fc.assert(
    fc.property(settings, fc.constantFrom(0, 0, 3), acts, (policy, adopted, history) => {
      const decisionsOf = (story: DeciderStory) =>
        told(history, story.workload(policy, adopted)).decisions.map(({ id, data }) => ({
          id,
          data,
        }));
      expect(decisionsOf(new DeciderStory())).toEqual(decisionsOf(new ThoroughStory()));
    }),
    { seed: 20_260_722, numRuns: 1500 },
  );
});
