/** What stages and platform wrote down, told as lines; a decision with each of its rules. */
import type { EventDataByName, RecordedEvent } from '@flyball/contracts';
import { type Block, changeOf, listed, type Row, rowOf } from './row.ts';

/** A message with more rows than this is told by its size. */
const rowsToldMax = 3;

type Of<Name extends RecordedEvent['type']> = Extract<RecordedEvent, { type: Name }>;

const saidMilli = (milli: number | null | undefined): string =>
  milli === null || milli === undefined ? '–' : `${milli / 1000}`;

const tickBlocks = ({ atMs, data }: Of<'TickObserved'>): Block[] => {
  const { kind, part, parts, rows } = data;
  const place = parts > 1 && `part ${part} of ${parts}`;
  if (rows.workloads.length > rowsToldMax) {
    const why = listed([`${rows.workloads.length} workloads`, place]);
    return [[rowOf({ atMs, event: kind, why })]];
  }
  return rows.workloads.map((workload, at): Block => {
    const seen = rows.seen[at];
    const why = listed([
      `stable ${saidMilli(rows.stableMilli[at])}`,
      `panic ${saidMilli(rows.panicMilli[at])}`,
      seen !== 'measured' && seen,
      typeof rows.inFlight[at] === 'number' && `${rows.inFlight[at]} in flight`,
      place,
    ]);
    return [rowOf({ atMs, workload, event: kind, why })];
  });
};

type Decided = EventDataByName['Decided'];

/** What the sentence says beyond its rules: that it panics, and for how long. */
const besidesRules = ({ reason, rules }: Decided): string => {
  let rest = reason;
  for (const { why } of rules) rest = rest.replace(why, '');
  return rest.replace(/^[; ]+/, '');
};

const decidedBlock = ({ atMs, workload, data }: Of<'Decided'>): Block => {
  const { inputs, changed, activators, excessBurstCapacity } = data;
  const why = listed([
    `${changed.join(' + ')} changed`,
    besidesRules(data),
    `${inputs.readyPods} ready`,
    inputs.startingPods > 0 && `${inputs.startingPods} starting`,
    !inputs.reachable && 'unreachable',
    `spare ${excessBurstCapacity}`,
    `${activators} activators`,
  ]);
  const { from, to, mode, routing, binding } = data;
  const told = { atMs, workload: workload ?? '', event: 'Decided', mode, routing, why };
  return [
    rowOf({ ...told, change: changeOf(from, to), rule: binding }),
    ...data.rules.map((rule) =>
      rowOf({ change: changeOf(rule.from, rule.to), rule: rule.rule, why: rule.why }),
    ),
    ...(data.routingReason === '' ? [] : [rowOf({ routing, why: data.routingReason })]),
  ];
};

const saidValue = (value: unknown): string =>
  typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Who decides, and each value that is not the default. */
const policyWhy = ({ policy, layers, warnings }: EventDataByName['PolicySet']): string => {
  const always = ['behaviour', 'algorithm'];
  const set = Object.entries(policy).filter(
    ([key]) => !always.includes(key) && (layers[key] ?? 'default') !== 'default',
  );
  return listed([
    `behaviour ${policy.behaviour}`,
    `algorithm ${policy.algorithm}`,
    ...set.map(([key, value]) => `${key} ${saidValue(value)}`),
    ...warnings.map((warning) => `warning: ${warning}`),
  ]);
};

/** What an event of the platform says besides its name; the adapters' own marks are left out. */
const platformWhy = (event: RecordedEvent): string => {
  switch (event.type) {
    case 'PolicySet':
      return policyWhy(event.data);
    case 'PodReady':
    case 'PodGone':
      return event.data.pod;
    case 'PodUnready':
      return listed([event.data.pod, event.data.reason !== 'draining' && event.data.reason]);
    case 'WorkloadAppeared':
      return event.data.adopted ? `adopted with ${event.data.replicas} pods` : '';
    case 'WorkloadGone':
    case 'PlatformUnseen':
      return event.data.reason;
    case 'ReplicasDrifted':
      return `by ${event.data.fieldManager}`;
    default:
      return '';
  }
};

const platformChange = (event: RecordedEvent): Partial<Row> => {
  switch (event.type) {
    case 'ScaleApplied':
      return { change: changeOf(event.data.from, event.data.to) };
    case 'ReplicasDrifted':
      return { change: changeOf(event.data.expected, event.data.observed) };
    case 'RoutingApplied':
      return { routing: event.data.routing };
    default:
      return {};
  }
};

/** Told by the averages that change, by the decisions, and by pods that turn ready. */
const untold: readonly RecordedEvent['type'][] = ['DecidedThrough', 'PodAppeared'];

/** The lines of one event; none for what other lines tell already. */
export const blocksOfEvent = (event: RecordedEvent): readonly Block[] => {
  if (event.type === 'TickObserved') return tickBlocks(event);
  if (event.type === 'Decided') return [decidedBlock(event)];
  if (untold.includes(event.type)) return [];
  const { atMs, type, workload = '' } = event;
  const why = platformWhy(event);
  return [[rowOf({ atMs, workload, event: type, why, ...platformChange(event) })]];
};
