/** What the windower should say: the last word of each source, and averages made from scratch. */
import type { Policy, WorkloadKey } from '@flyball/contracts';
import type { SampleBatch } from '../windower/input.ts';
import {
  averageOfModel,
  emptyModel,
  isModelEmpty,
  recordInModel,
  resizeModel,
  type WindowModel,
} from '../windows/window-model.fixture.ts';

/** Null: the source was blind. */
type Word = { readonly concurrency: number; readonly rps: number } | null;

interface SourceSecond {
  readonly source: string;
  readonly second: number;
  readonly whole: boolean;
  readonly words: ReadonlyMap<WorkloadKey, Word>;
}

interface Place {
  readonly source: string;
  readonly second: number;
}

/** A second of a source that came into the windows, or another length of them. */
type Entry =
  /** `late`: all that had been told from it on, when it came after its tick. */
  | (Place & { readonly late?: readonly Place[] })
  | { readonly stableS: number; readonly panicS: number; readonly nowSecond: number };

interface Workload {
  policy: Policy;
  lengths: { readonly stableS: number; readonly panicS: number };
  countsFrom: number;
  entries: Entry[];
}

const inSeconds = ({ stableWindowMs, panicWindowMs }: Policy) => ({
  stableS: stableWindowMs / 1000,
  panicS: panicWindowMs / 1000,
});

/** Everything that was told, and nothing that was calculated. */
export class WindowerModel {
  readonly #told = new Map<string, SourceSecond>();
  readonly #workloads = new Map<WorkloadKey, Workload>();
  /** Seconds before this one have been ticked. */
  #ticked = 0;

  appear(key: WorkloadKey, policy: Policy, atMs: number): void {
    const countsFrom = Math.max(this.#ticked, Math.floor(atMs / 1000));
    this.#workloads.set(key, { policy, lengths: inSeconds(policy), countsFrom, entries: [] });
  }

  setPolicy(key: WorkloadKey, policy: Policy, atMs: number): void {
    const workload = this.#of(key);
    const before = workload.policy;
    workload.policy = policy;
    const nowSecond = Math.max(this.#ticked, Math.floor(atMs / 1000)) - 1;
    const same =
      before.metric === policy.metric &&
      before.metricAggregationAlgorithm === policy.metricAggregationAlgorithm;
    if (same) workload.entries.push({ ...inSeconds(policy), nowSecond });
    else this.#beginAnew(key, workload);
  }

  /** Nobody observes it: what was before does not count any more. */
  restart(key: WorkloadKey): void {
    Object.assign(this.#of(key), { countsFrom: this.#ticked, entries: [] });
    this.#of(key).lengths = inSeconds(this.#of(key).policy);
  }

  sample({ data }: SampleBatch): void {
    const { source, secondAtMs, partial, rows, covered } = data;
    const second = secondAtMs / 1000;
    const before = this.#told.get(`${source} ${second}`);
    if (partial && before?.whole === true) return;
    const words = new Map<WorkloadKey, Word>(partial ? before?.words : []);
    for (const key of covered) words.set(key, { concurrency: 0, rps: 0 });
    rows.workloads.forEach((key, row) => {
      const [concurrency, rps] = [rows.concurrencyMilli[row], rows.requestsMilli[row]];
      const blind = typeof concurrency !== 'number' || typeof rps !== 'number';
      words.set(key, blind ? null : { concurrency, rps });
    });
    this.#told.set(`${source} ${second}`, { source, second, whole: !partial, words });
    if (second < this.#ticked) this.#comeLate({ source, second }, before, words);
  }

  /** Seconds before `boundarySecond` come into the windows. */
  tick(boundarySecond: number): void {
    for (const [key, workload] of this.#workloads) {
      workload.entries.push(...this.#measured(key, this.#ticked, boundarySecond));
    }
    this.#ticked = Math.max(this.#ticked, boundarySecond);
  }

  /** In thousandths as of `nowSecond`, with what was told of seconds that no tick has reached. */
  averages(key: WorkloadKey, nowSecond: number) {
    const workload = this.#of(key);
    const pending = this.#measured(key, this.#ticked, nowSecond + 1);
    const [stable, panic] = (['stableS', 'panicS'] as const).map((which) =>
      this.#window(key, which, [...workload.entries, ...pending]),
    );
    if (stable === undefined || panic === undefined || isModelEmpty(stable, nowSecond)) {
      return undefined;
    }
    const { algorithm } = stable;
    const [stableMilli, panicMilli] = [stable, panic].map((one) => averageOfModel(one, nowSecond));
    return { algorithm, stableMilli: stableMilli ?? 0, panicMilli: panicMilli ?? 0 };
  }

  /** The newest second that any source spoke of it, blind or not. */
  coveredSecond(key: WorkloadKey): number {
    const covering = [...this.#told.values()].filter(({ words }) => words.has(key));
    return Math.max(-1, ...covering.map(({ second }) => second));
  }

  #comeLate(
    entry: Place,
    before: SourceSecond | undefined,
    words: ReadonlyMap<WorkloadKey, Word>,
  ): void {
    for (const [key, workload] of this.#workloads) {
      const [from, to] = [before?.words.get(key), words.get(key)];
      if (entry.second < workload.countsFrom) continue;
      // Another value of a second that was in already changes no place; taken back, it never was.
      if (to && !from) {
        const late = this.#measured(key, entry.second, this.#ticked);
        workload.entries.push({ ...entry, late });
      }
      if (from && !to) this.#beginAnew(key, workload);
    }
  }

  #beginAnew(key: WorkloadKey, workload: Workload): void {
    workload.lengths = inSeconds(workload.policy);
    workload.entries = this.#measured(key, workload.countsFrom, this.#ticked);
  }

  #measured(key: WorkloadKey, from: number, to: number): Place[] {
    const first = Math.max(from, this.#of(key).countsFrom);
    return [...this.#told.values()]
      .filter(({ second, words }) => second >= first && second < to && words.get(key))
      .sort((a, b) => a.second - b.second)
      .map(({ source, second }) => ({ source, second }));
  }

  #window(key: WorkloadKey, which: 'stableS' | 'panicS', entries: readonly Entry[]) {
    const { policy, lengths } = this.#of(key);
    let window = emptyModel(policy.metricAggregationAlgorithm, lengths[which]);
    for (const entry of entries) {
      if ('nowSecond' in entry) window = resizeModel(window, entry[which], entry.nowSecond);
      else window = this.#entered(key, window, entry);
    }
    return window;
  }

  /** Whoever comes from before a resize brings along all that was told since. */
  #entered(key: WorkloadKey, window: WindowModel, entry: Place & { late?: readonly Place[] }) {
    const { span, lengthS, heldFrom } = window;
    const entered = recordInModel(window, { second: entry.second, value: this.#value(key, entry) });
    const last = span?.last ?? Number.NEGATIVE_INFINITY;
    if (entry.late === undefined || entry.second >= heldFrom) return entered;
    if (entry.second <= last - lengthS) return entered;
    const samples = entry.late.map((place) => ({ ...place, value: this.#value(key, place) }));
    const begun = { ...entered, samples: [], heldFrom: entry.second };
    return samples.reduce(recordInModel, begun);
  }

  #value(key: WorkloadKey, { source, second }: Place): number {
    const word = this.#told.get(`${source} ${second}`)?.words.get(key);
    return (this.#of(key).policy.metric === 'rps' ? word?.rps : word?.concurrency) ?? 0;
  }

  #of(key: WorkloadKey): Workload {
    const workload = this.#workloads.get(key);
    if (workload === undefined) throw new Error(`${key} has not appeared`);
    return workload;
  }
}
