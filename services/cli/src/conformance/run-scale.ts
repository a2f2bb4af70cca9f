/** Runs the vectors of scale: plays the events in order and compares each tick. */
import type { Policy } from '@flyball/contracts';
import { type Answers, compareAnswers, type Difference } from './difference.ts';
import { namedAlgorithm, resolvedAnswers, resolveSettings } from './resolve-settings.ts';
import { ScaleRun } from './scale-run.ts';
import type { ScaleEvent, Vector, VectorSettings } from './vector-schemas.ts';

const averageFields: ReadonlySet<string> = new Set(['stable', 'panic']);
const noFields: ReadonlySet<string> = new Set();

/** On an invalid tick the last decision stands, and these numbers mean nothing. */
const decisionFields = ['desiredPodCount', 'boundedPodCount', 'excessBurstCapacity'];

const meant = (expected: Answers): Answers =>
  expected.valid === true
    ? expected
    : Object.fromEntries(
        Object.entries(expected).filter(([field]) => !decisionFields.includes(field)),
      );

const nearlyOf = (policy: Policy): ReadonlySet<string> =>
  policy.metricAggregationAlgorithm === 'weighted-exponential' ? averageFields : noFields;

const refused = (tick: number | null): Difference[] => [
  { tick, field: 'config', expected: 'accepted', got: 'refused' },
];

const compareResolved = (
  expected: Answers,
  settings: VectorSettings,
  policy: Policy,
): Difference[] =>
  compareAnswers({ expected: namedAlgorithm(expected), got: resolvedAnswers(policy, settings) });

/** The events of a vector, and in step with them what is expected. */
class Playing {
  readonly #expected: Vector<'scale'>['expected'];
  readonly #run: ScaleRun;
  #nearly: ReadonlySet<string>;
  #ticks = 0;
  #updates = 0;

  constructor(vector: Vector<'scale'>, policy: Policy) {
    this.#expected = vector.expected;
    this.#run = new ScaleRun(vector, policy);
    this.#nearly = nearlyOf(policy);
  }

  start(): Difference[] {
    return compareAnswers({
      expected: { panickingAtStart: this.#expected.panickingAtStart },
      got: { panickingAtStart: this.#run.isPanicking },
    });
  }

  play(event: ScaleEvent): Difference[] {
    switch (event.kind) {
      case 'sample':
        this.#run.record(event);
        return [];
      case 'ready':
        this.#run.setReady(event);
        return [];
      case 'update':
        return this.#update(event.revision, event.atMs);
      case 'tick':
        return this.#tick(event.atMs);
    }
  }

  #update(revision: VectorSettings, atMs: number): Difference[] {
    const expected = this.#expected.updates[this.#updates] ?? {};
    this.#updates += 1;
    const resolved = resolveSettings(revision);
    if (resolved === undefined) return refused(this.#updates);
    const { policy } = resolved;
    this.#run.update(revision, policy, atMs);
    // What was weighted before the change is still in the windows.
    if (this.#nearly === noFields) this.#nearly = nearlyOf(policy);
    return compareResolved(expected, revision, policy);
  }

  #tick(atMs: number): Difference[] {
    const expected = this.#expected.ticks[this.#ticks] ?? {};
    this.#ticks += 1;
    const got = this.#run.tick(atMs);
    return compareAnswers({
      expected: meant(expected),
      got,
      tick: this.#ticks,
      nearly: this.#nearly,
    });
  }
}

/** Every difference of one scenario, in order. */
export const runScale = (vector: Vector<'scale'>): Difference[] => {
  const resolved = resolveSettings(vector);
  if (resolved === undefined) return refused(null);
  const { policy } = resolved;
  const playing = new Playing(vector, policy);
  return [
    ...compareResolved(vector.expected.resolved, vector, policy),
    ...playing.start(),
    ...vector.events.flatMap((event) => playing.play(event)),
  ];
};
