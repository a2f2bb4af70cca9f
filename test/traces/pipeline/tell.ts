/** What was played, told in short lines that a person reviews in a diff. */
import type { FlyballEvent, RecordedEvent } from '@flyball/contracts';
import { type Played, startMs } from './play.ts';

/** A message with more rows than this is told by its size. */
const rowsToldMax = 3;

type Line = Record<string, unknown>;
type Of<Name extends RecordedEvent['type']> = Extract<RecordedEvent, { type: Name }>;

const seconds = (atMs: number): number => (atMs - startMs) / 1000;
const whole = (milli: number | null | undefined): number | null =>
  milli === null || milli === undefined ? null : milli / 1000;

const tickLines = ({ atMs, data }: Of<'TickObserved'>): Line[] => {
  const { kind, part, parts, rows } = data;
  const atS = seconds(atMs);
  const place = parts === 1 ? {} : { part, parts };
  if (rows.workloads.length > rowsToldMax) {
    return [{ atS, [kind]: `${rows.workloads.length} workloads`, ...place }];
  }
  return rows.workloads.map((workload, row) => ({
    atS,
    [kind]: workload,
    ...place,
    stable: whole(rows.stableMilli[row]),
    panic: whole(rows.panicMilli[row]),
    ...(rows.seen[row] === 'measured' ? {} : { seen: rows.seen[row] }),
    ...(rows.inFlight[row] === null ? {} : { inFlight: rows.inFlight[row] }),
  }));
};

const pathOf = (rules: FlyballEvent<'Decided'>['data']['rules']): string =>
  rules.map(({ rule, to }) => `${rule} ${to}`).join(' → ');

const decidedLine = ({ atMs, workload, data }: Of<'Decided'>): Line => ({
  atS: seconds(atMs),
  decided: workload,
  from: data.from,
  to: data.to,
  mode: data.mode,
  routing: data.routing,
  changed: data.changed.join(' '),
  ready: data.inputs.readyPods,
  path: pathOf(data.rules),
  reason: data.reason,
});

const lineOf = (event: RecordedEvent): Line[] => {
  const atS = seconds(event.atMs);
  switch (event.type) {
    case 'TickObserved':
      return tickLines(event);
    case 'Decided':
      return [decidedLine(event)];
    case 'ScaleApplied':
      return [{ atS, scaled: event.workload, from: event.data.from, to: event.data.to }];
    case 'RoutingApplied':
      return [{ atS, routed: event.workload, to: event.data.routing }];
    case 'PodReady':
    case 'PodUnready':
    case 'PodGone':
      return [{ atS, [event.type]: event.workload, pods: [event.data.pod] }];
    case 'PolicySet':
    case 'WorkloadAppeared':
    case 'WorkloadGone':
    case 'WorkloadReachable':
    case 'WorkloadUnreachable':
    case 'PlatformUnseen':
    case 'PlatformSeen':
      return [{ atS, told: event.type, of: event.workload }];
    default:
      return [];
  }
};

/** Whom a line is about, where the same is often said of many at once. */
const aboutKeys = ['decided', 'scaled', 'routed', 'of', 'PodReady', 'PodUnready', 'PodGone'];

/** What a line says, whoever it is about; undefined for lines that stand alone. */
const kindOf = (line: Line): string | undefined => {
  const key = aboutKeys.find((each) => each in line);
  if (key === undefined) return undefined;
  const pods = Array.isArray(line.pods) ? line.pods.length : 0;
  return JSON.stringify([key, { ...line, [key]: null, pods }]);
};

/** Pods of one workload that turn at once are one line. */
const gatherPods = (lines: readonly Line[]): Line[] => {
  const gathered: Line[] = [];
  const pods = new Map<string, string[]>();
  for (const line of lines) {
    const { pods: named, ...rest } = line;
    const key = JSON.stringify(rest);
    const known = pods.get(key);
    if (Array.isArray(named) && known !== undefined) known.push(...named);
    else gathered.push(line);
    if (Array.isArray(named) && known === undefined) pods.set(key, named);
  }
  return gathered;
};

/** Many workloads of which the same is said are one line: the first, and how many more. */
const gatherWorkloads = (lines: readonly Line[]): Line[] => {
  const gathered: { readonly line: Line; more: number }[] = [];
  const byKind = new Map<string, { more: number }>();
  for (const line of lines) {
    const kind = kindOf(line);
    const same = kind === undefined ? undefined : byKind.get(kind);
    if (same !== undefined) {
      same.more += 1;
      continue;
    }
    const first = { line, more: 0 };
    gathered.push(first);
    if (kind !== undefined) byKind.set(kind, first);
  }
  return gathered.map(({ line, more }) => (more === 0 ? line : { ...line, andMore: more }));
};

const countsOf = ({ events, minutes, samples }: Played): Line => {
  const count = (type: RecordedEvent['type']) => events.filter((e) => e.type === type).length;
  return {
    events: events.length,
    ticks: count('DecidedThrough'),
    decisions: count('Decided'),
    minutes: minutes.length,
    samples: samples.length,
  };
};

/** One JSON object a line; the last one counts what there was. */
export const tell = (played: Played): string => {
  const lines = gatherWorkloads(gatherPods(played.events.flatMap(lineOf)));
  return [...lines, countsOf(played)].map((line) => `${JSON.stringify(line)}\n`).join('');
};
