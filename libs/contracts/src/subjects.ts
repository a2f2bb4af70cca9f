/** How facts are addressed on NATS: subjects and streams, spelled once. */
import type { Pen } from './pens.ts';
import { type WorkloadKey, workloadKey, workloadName } from './workload.ts';

export const streams = {
  events: 'EVENTS',
  samples: 'SAMPLES',
  minutes: 'MINUTES',
  deadLetters: 'DEADLETTERS',
} as const;

export const buckets = { leases: 'leases', snapshots: 'snapshots' } as const;

/** Kubernetes names may hold `.` but never `_`; a NATS token is the other way round. */
export const subjectToken = (name: string): string => name.replaceAll('.', '_');
const nameOfToken = (token: string): string => token.replaceAll('_', '.');

/** All that one partition's stages read: `flyball.events.<partition>.>`. */
export const partitionFilter = (partition: number): string => `flyball.events.${partition}.>`;
export const allEventsFilter = 'flyball.events.>';
/** What is about workloads, of all partitions: without ticks, progress and incidents. */
export const allWorkloadsFilter = 'flyball.events.*.*.*.>';
/** What one pen, whose subjects end in its name, says of the workloads of a partition. */
export const penFilter = (partition: number, pen: Exclude<Pen, 'requests' | 'lost'>): string =>
  `flyball.events.${partition}.*.*.${pen}`;

/** The same of all these pens: without ticks, progress and what activators count. */
export const pensFilter = (partition: number): string => `flyball.events.${partition}.*.*.*`;

const workloadTokens = (workload: WorkloadKey): string => {
  const { namespace, name } = workloadName(workload);
  return `${subjectToken(namespace)}.${subjectToken(name)}`;
};

/** Everything recorded of one workload: `flyball.events.<partition>.<namespace>.<workload>.>`. */
export const workloadFilter = (partition: number, workload: WorkloadKey): string =>
  `flyball.events.${partition}.${workloadTokens(workload)}.>`;

/** A pen's subject for one workload, for instance `flyball.events.3.default.web.decisions`. */
export const workloadSubject = (
  partition: number,
  workload: WorkloadKey,
  pen: Pen,
  instance?: string,
): string => {
  const base = `flyball.events.${partition}.${workloadTokens(workload)}`;
  if (pen === 'requests') return `${base}.requests.${subjectToken(instance ?? '')}`;
  return pen === 'lost' ? `${base}.requests.lost` : `${base}.${pen}`;
};

/** A pen's subject for a whole partition: `flyball.events.<partition>.ticks`. */
export const partitionSubject = (partition: number, pen: Pen): string =>
  `flyball.events.${partition}.${pen}`;

export const samplesSubject = (partition: number): string => `flyball.samples.${partition}`;
export const minutesSubject = (partition: number, workload: WorkloadKey): string =>
  `flyball.minutes.${partition}.${workloadTokens(workload)}`;
export const deadLettersSubject = (partition: number, stage: string): string =>
  `flyball.deadletters.${partition}.${stage}`;
/**
 * What became of them. `settled`: dropped, or sent again. `refold`: the stage shall fold its
 * partition anew; a subject of its own, so that its last message says whether it has.
 */
export const answersSubject = (
  partition: number | '*',
  stage: string,
  answer: 'settled' | 'refold',
): string => `flyball.deadletters.${partition}.${stage}.${answer}`;

export interface EventAddress {
  readonly partition: number;
  /** Absent for the subjects that belong to a whole partition. */
  readonly workload?: WorkloadKey;
  /** `ticks`, `decisions`, `requests.<instance>` … */
  readonly tail: string;
}

/** As it is written: `+3`, `3e0` and the empty text are numbers to JavaScript as well. */
const wholeNumber = /^(?:0|[1-9]\d{0,8})$/;

/** Reads a subject of EVENTS or MINUTES back; undefined when it is not one of ours. */
export const parseSubject = (subject: string): EventAddress | undefined => {
  const tokens = subject.split('.');
  const [root, stream, partitionToken] = tokens;
  const known = root === 'flyball' && (stream === 'events' || stream === 'minutes');
  if (!known || partitionToken === undefined || !wholeNumber.test(partitionToken)) return undefined;
  const partition = Number(partitionToken);
  if (tokens.length === 4) return { partition, tail: tokens[3] ?? '' };
  const [namespace, name] = [tokens[3], tokens[4]];
  if (namespace === undefined || name === undefined) return undefined;
  return {
    partition,
    workload: workloadKey(nameOfToken(namespace), nameOfToken(name)),
    tail: tokens.slice(5).join('.'),
  };
};
