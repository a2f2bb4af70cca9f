/** How cost grows: with workloads, with pods of a workload, and with the length of history. */
import { type Balancer, createBalancer } from '@flyball/proxy';
import type { BenchContext } from '../bench-context.ts';
import { recordHours, redecide } from '../decide/past.ts';
import { measureRates } from '../decide/rates.ts';
import type { Figure, Measured } from '../report/figure.ts';

const workloadCounts = [1, 10, 100, 1_000, 10_000] as const;
const podCounts = [1, 10, 100, 1_000] as const;
const historyHours = [1, 6, 24, 72] as const;
/** Of each of which the pods are counted. */
const workloadsWithPods = 20;
const policy = { stableWindowMs: 60_000, panicWindowMs: 6_000 };
const roundMs = 300;
const fastRoundMs = 60;
const acquisitions = 200_000;
/** Coprime to all counts: pods are given back in an order that nobody picks them in. */
const stride = 7_919;
const redecideWarm = 2;
const nanosPerSecond = 1e9;
const microsPerSecond = 1e6;
const numeral = new Intl.NumberFormat('en');

const figureOf = (id: string, title: string, unit: string): Figure => ({
  ...{ id: `growth-${id}`, title, unit, bar: '', knative: '' },
});

export interface GrowthOptions {
  readonly rounds: number;
}

const counted = (count: number, what: string): string =>
  `${numeral.format(count)} ${what}${count === 1 ? '' : 's'}`;

const tickCosts = (ticksPerSecond: readonly number[], workloads: number): readonly number[] =>
  ticksPerSecond.map((rate) => nanosPerSecond / (rate * workloads));

const byWorkloads = (
  { tell, fast, signal }: BenchContext,
  { rounds }: GrowthOptions,
): readonly Measured[] =>
  workloadCounts.map((workloads) => {
    tell(`${counted(workloads, 'workload')} …`);
    const options = { workloads, policy, rounds, roundMs: fast ? fastRoundMs : roundMs };
    const { together } = measureRates(options, signal);
    const title = `${counted(workloads, 'workload')}: a workload’s tick, windower and decider`;
    return {
      figure: figureOf(`workloads-${workloads}`, title, 'ns'),
      values: tickCosts(together, workloads),
    };
  });

const byPods = (
  { tell, fast, signal }: BenchContext,
  { rounds }: GrowthOptions,
): readonly Measured[] =>
  podCounts.map((podsPerWorkload) => {
    tell(`${counted(podsPerWorkload, 'pod')} of a workload …`);
    const workloads = workloadsWithPods;
    const round = fast ? fastRoundMs : roundMs;
    const options = { workloads, policy, rounds, podsPerWorkload, roundMs: round };
    const { together } = measureRates(options, signal);
    const pods = counted(podsPerWorkload, 'pod');
    const title = `${pods} each: a workload’s tick, windower and decider`;
    return {
      figure: figureOf(`pods-${podsPerWorkload}`, title, 'ns'),
      values: tickCosts(together, workloads),
    };
  });

const openBalancer = (pods: number): Balancer => {
  const balancer = createBalancer({});
  for (let pod = 0; pod < pods; pod += 1) {
    // Nothing is sent: whether anybody listens there does not matter.
    balancer.add({ id: `pod-${pod}`, host: '127.0.0.1', port: 1, reachable: true });
  }
  return balancer;
};

/** Every pod has a request in flight, so that the next one goes where another one ended. */
const acquireCost = (pods: number): number => {
  const balancer = openBalancer(pods);
  const held = Array.from({ length: pods }, () => balancer.acquire());
  const before = process.cpuUsage();
  for (let turn = 0; turn < acquisitions; turn += 1) {
    const place = (turn * stride) % pods;
    const pod = held[place];
    if (pod !== null && pod !== undefined) balancer.release(pod);
    held[place] = balancer.acquire();
  }
  const { user, system } = process.cpuUsage(before);
  for (const pod of held) if (pod !== null) balancer.release(pod);
  balancer.close();
  return ((user + system) / microsPerSecond / acquisitions) * nanosPerSecond;
};

const byPodsOfGateway = ({ tell }: BenchContext, { rounds }: GrowthOptions): readonly Measured[] =>
  podCounts.map((pods) => {
    tell(`the least loaded of ${counted(pods, 'pod')} …`);
    acquireCost(pods);
    const title = `${counted(pods, 'pod')}: the gateway picks one, and gives it back`;
    return {
      figure: figureOf(`pick-${pods}`, title, 'ns'),
      values: Array.from({ length: rounds }, () => acquireCost(pods)),
    };
  });

const byHistory = (
  { tell, signal }: BenchContext,
  { rounds }: GrowthOptions,
): readonly Measured[] =>
  historyHours.map((hours) => {
    signal.throwIfAborted();
    tell(`${counted(hours, 'hour')} of one workload: recorded, then decided again …`);
    const past = recordHours(hours);
    for (let round = 0; round < redecideWarm; round += 1) redecide(past);
    const times = Array.from({ length: rounds }, () => redecide(past));
    const { history, decided } = past;
    return {
      figure: figureOf(
        `history-${hours}h`,
        `${counted(hours, 'hour')} of one busy workload decided again, an hour of it`,
        'ms',
      ),
      values: times.map(({ processorMs }) => processorMs / hours),
      note: `${history.minutes.length} minutes, ${decided.length} decisions, none different`,
    };
  });

/** Measures every size in processor time. Rejects when the signal aborts. */
export const runGrowthBench = async (
  context: BenchContext,
  options: GrowthOptions,
): Promise<readonly Measured[]> => [
  ...byWorkloads(context, options),
  ...byPods(context, options),
  ...byPodsOfGateway(context, options),
  ...byHistory(context, options),
];
