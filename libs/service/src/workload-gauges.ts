/** Gauges with one series per workload, bounded in number, worked out only when they are read. */
import { setImmediate } from 'node:timers/promises';
import { type WorkloadKey, workloadName } from '@flyball/contracts';
import { Gauge, type MetricObjectWithValues, type MetricValue, type Registry } from 'prom-client';
import { integer } from './setting.ts';

type WorkloadLabel = 'namespace' | 'workload';

export const workloadMetricsMaxDefault = 1_000;

/** The setting of whoever has such gauges. */
export const workloadMetricsMax = integer({
  about: 'Workloads with metrics of their own in this process, the first by name; 0: none.',
  fallback: workloadMetricsMaxDefault,
  min: 0,
  max: 100_000,
});

/** One gauge: what it is called, and its value for a workload; null: it has none now. */
export interface WorkloadGauge<Row> {
  /** `flyball_workload_…`. */
  readonly name: string;
  readonly help: string;
  readonly value: (row: Row) => number | null;
}

export interface WorkloadGaugesOptions<Row> {
  readonly registry: Registry;
  /** Of the service: `flyball_decider`. */
  readonly prefix: string;
  readonly max: number;
  /** What this process owns now, as it is now. */
  readonly rows: () => Iterable<readonly [WorkloadKey, Row]>;
  readonly gauges: readonly WorkloadGauge<Row>[];
}

/** Formatted once by the registry for as long as it is the same object. */
type SharedLabels = Readonly<Record<WorkloadLabel, string>>;
interface SharedValue extends MetricValue<WorkloadLabel> {
  readonly sharedLabels: SharedLabels;
}

/** A workload as it was when the reading began: a value for each gauge, in their order. */
interface ToldWorkload {
  readonly sharedLabels: SharedLabels;
  readonly values: readonly (number | null)[];
}

interface Selected {
  readonly workloads: readonly ToldWorkload[];
  readonly leftOut: number;
}

interface ReadGaugeOptions {
  readonly name: string;
  readonly help: string;
  readonly registry: Registry;
  /** Its place among the gauges. */
  readonly index: number;
  readonly read: () => Promise<readonly ToldWorkload[]>;
}

/** Keeps no values between two readings, as one that is set would. */
class ReadGauge extends Gauge<WorkloadLabel> {
  readonly #index: number;
  readonly #read: () => Promise<readonly ToldWorkload[]>;

  constructor({ name, help, registry, index, read }: ReadGaugeOptions) {
    super({ name, help, labelNames: ['namespace', 'workload'], registers: [registry] });
    this.#index = index;
    this.#read = read;
  }

  override async get(): Promise<MetricObjectWithValues<MetricValue<WorkloadLabel>>> {
    const described = await super.get();
    const values: SharedValue[] = [];
    for (const workload of await this.#read()) {
      const value = workload.values[this.#index] ?? null;
      if (value !== null) {
        values.push({ value, labels: {}, sharedLabels: workload.sharedLabels });
      }
    }
    return { ...described, values };
  }
}

type Named<Row> = readonly [WorkloadKey, Row];

const byName = <Row>([one]: Named<Row>, [other]: Named<Row>): number => (one < other ? -1 : 1);

/**
 * Gives the first by name. To sort ten thousand at each reading would take longer than to tell a
 * thousand: those up to the last one that was told before are nearly always enough.
 */
const createChoice = <Row>(max: number) => {
  let last: WorkloadKey | undefined;
  return (all: readonly Named<Row>[]): readonly Named<Row>[] => {
    if (all.length <= max || max === 0) return all.slice(0, max);
    const bound = last;
    const near = bound === undefined ? all : all.filter(([key]) => key <= bound);
    const chosen = (near.length < max ? all : near).toSorted(byName).slice(0, max);
    last = chosen.at(-1)?.[0];
    return chosen;
  };
};

/** The same labels for the same workload from one reading to the next. */
const createSelection = <Row>({ max, rows, gauges }: WorkloadGaugesOptions<Row>) => {
  const choose = createChoice<Row>(max);
  let labels = new Map<WorkloadKey, SharedLabels>();
  const labelsOf = (key: WorkloadKey): SharedLabels => {
    const { namespace, name } = workloadName(key);
    return labels.get(key) ?? { namespace, workload: name };
  };
  return (): Selected => {
    const all = [...rows()];
    const told = choose(all);
    labels = new Map(told.map(([key]) => [key, labelsOf(key)]));
    const workloads = told.map(([key, row]) => ({
      sharedLabels: labelsOf(key),
      values: gauges.map(({ value }) => value(row)),
    }));
    return { workloads, leftOut: all.length - told.length };
  };
};

/**
 * Registers the gauges, and one that tells how many workloads are left out of them. All values are
 * taken at one moment; then each gauge is written in a turn of the event loop of its own, so that a
 * reading holds up no decision for long.
 */
export const registerWorkloadGauges = <Row>(options: WorkloadGaugesOptions<Row>): void => {
  const { registry, prefix, gauges } = options;
  const select = createSelection(options);
  let selected: Selected = { workloads: [], leftOut: 0 };
  let turns = Promise.resolve();
  // Registered before the others, and so read before them: it selects for all of them.
  const leftOut: Gauge = new Gauge({
    name: `${prefix}_workloads_left_out`,
    help: 'Workloads without metrics of their own: more than FLYBALL_WORKLOAD_METRICS_MAX.',
    registers: [registry],
    collect: () => {
      selected = select();
      leftOut.set(selected.leftOut);
    },
  });
  const read = async (): Promise<readonly ToldWorkload[]> => {
    const { workloads } = selected;
    turns = turns.then(() => setImmediate());
    await turns;
    return workloads;
  };
  for (const [index, { name, help }] of gauges.entries()) {
    new ReadGauge({ name, help, registry, index, read });
  }
};
