/** Events on the wire: CloudEvents 1.0 JSON in structured mode, one document a message. */
import { z } from 'zod';
import { chained } from './chain.ts';
import { type EventDefinition, eventType, readData } from './define-event.ts';
import type { AnyEvent, FlyballEvent, RecordedEvent } from './event.ts';
import { type EventName, eventNameOf, events } from './events/index.ts';
import type { SamplesReportedData } from './events/samples-reported.ts';
import { partitionOf } from './partition.ts';
import { type Pen, pens } from './pens.ts';
import { type EventAddress, parseSubject } from './subjects.ts';
import { eventId, traceparent } from './values.ts';
import type { WorkloadKey } from './workload.ts';

/** One message is never larger than this; NATS's own default limit. */
export const eventBytesMax = 1_048_576;

const envelopeSchema = z.strictObject({
  specversion: z.literal('1.0'),
  id: eventId,
  source: z.string().min(1),
  type: z.string().regex(/^dev\.flyball\.[a-z0-9-]+\.v\d+$/),
  subject: z.string().min(1),
  time: z.iso.datetime(),
  datacontenttype: z.literal('application/json'),
  traceparent: traceparent.optional(),
  causationid: eventId.optional(),
  data: z.unknown(),
  chain: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional(),
});

const partitionAbout = /^partition\/(\d+)$/;

/** What an event is about, as CloudEvents' `subject`: `namespace/workload` or `partition/3`. */
export const eventAbout = (event: FlyballEvent): string =>
  event.workload ?? `partition/${event.partition}`;

/** Write = parse, then spell. Throws when the data does not fit its schema: a bug of ours. */
const bodyWithoutChain = (event: FlyballEvent): string => {
  const definition = events[event.type];
  const data = definition.schema.parse(event.data);
  return JSON.stringify({
    specversion: '1.0',
    id: event.id,
    source: event.source,
    type: eventType(definition),
    subject: eventAbout(event),
    time: new Date(event.atMs).toISOString(),
    datacontenttype: 'application/json',
    ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    ...(event.causationId === undefined ? {} : { causationid: event.causationId }),
    data,
  });
};

/** The CloudEvent's text, chained to the previous one of its subject. */
export const encodeEvent = (
  event: FlyballEvent,
  previousChain: string,
): { readonly body: string; readonly chain: string } =>
  chained(previousChain, bodyWithoutChain(event));

/** The same without a chain: for SAMPLES and dead letters, which are not history. */
export const encodeUnchained = (event: FlyballEvent): string => bodyWithoutChain(event);

export type Decoded =
  | { readonly ok: true; readonly event: RecordedEvent }
  | { readonly ok: false; readonly reason: string };

/** Of a broken message anything may be long: a reason is for people. */
const reasonMax = 1_000;

const refuse = (reason: string): { readonly ok: false; readonly reason: string } => {
  const isShort = reason.length <= reasonMax;
  return { ok: false, reason: isShort ? reason : `${reason.slice(0, reasonMax - 1)}…` };
};

const parseJson = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

/** Pens by the tail of their subjects; that of `requests` ends in the instance. */
const pensByTail = (scope: 'partition' | 'workload'): ReadonlyMap<string, Pen> =>
  new Map(
    (Object.keys(pens) as Pen[])
      .filter((pen) => pens[pen].stream === 'EVENTS' && pens[pen].scope === scope)
      .map((pen) => [pen === 'lost' ? 'requests.lost' : pen, pen]),
  );
const partitionPens = pensByTail('partition');
const workloadPens = pensByTail('workload');
const requestsTail = /^requests\.[^.]+$/;

/** Which pen a subject belongs to; the inverse of subjectOf. */
export const penOfSubject = (subject: string): Pen | undefined => {
  const found = parseSubject(subject);
  if (found === undefined) return undefined;
  const { workload, tail } = found;
  if (subject.startsWith('flyball.minutes.')) {
    return workload !== undefined && tail === '' ? 'minutes' : undefined;
  }
  if (workload === undefined) return partitionPens.get(tail);
  return workloadPens.get(tail) ?? (requestsTail.test(tail) ? 'requests' : undefined);
};

interface Place {
  readonly partition: number;
  readonly pen: Pen;
  readonly workload?: WorkloadKey;
}

const placeOf = (subject: string, about: string): Place | undefined => {
  const found: EventAddress | undefined = parseSubject(subject);
  const pen = penOfSubject(subject);
  if (found === undefined || pen === undefined) return undefined;
  if (found.workload === undefined) {
    return about === `partition/${found.partition}`
      ? { partition: found.partition, pen }
      : undefined;
  }
  return about === found.workload
    ? { partition: found.partition, pen, workload: found.workload }
    : undefined;
};

const deadLetterPattern = /^flyball\.deadletters\.(\d+)\.[a-z]+(\.(?:settled|refold))?$/;

const placeOfDeadLetter = (subject: string, about: string): Place | undefined => {
  const found = deadLetterPattern.exec(subject);
  if (found === null || about !== `partition/${found[1]}`) return undefined;
  return { partition: Number(found[1]), pen: found[2] === undefined ? 'deadLetters' : 'answers' };
};

const decodeAt = (
  body: string,
  subject: string,
  seq: number,
  placeIn: (subject: string, about: string) => Place | undefined,
): Decoded => {
  const envelope = envelopeSchema.safeParse(parseJson(body));
  if (!envelope.success) {
    const issue = envelope.error.issues[0];
    return refuse(`not a CloudEvent of ours: ${issue?.path.join('.')} ${issue?.message}`);
  }
  const document = envelope.data;
  const versionAt = document.type.lastIndexOf('.v');
  const name = eventNameOf(document.type.slice(0, versionAt));
  if (name === undefined) return refuse(`unknown event type ${document.type}`);
  const place = placeIn(subject, document.subject);
  if (place === undefined) return refuse(`${document.subject} does not belong on ${subject}`);
  const allowed: readonly EventName[] = pens[place.pen].events;
  if (!allowed.includes(name)) return refuse(`${name} may not be written by pen ${place.pen}`);
  const definition: EventDefinition = events[name];
  const read = readData(definition, Number(document.type.slice(versionAt + 2)), document.data);
  if (!read.ok) return refuse(read.reason);
  const event = {
    id: document.id,
    type: name,
    ...place,
    source: document.source,
    atMs: Date.parse(document.time),
    ...(document.causationid === undefined ? {} : { causationId: document.causationid }),
    ...(document.traceparent === undefined ? {} : { traceparent: document.traceparent }),
    data: read.data,
    seq,
  } as AnyEvent & { seq: number };
  return { ok: true, event };
};

/** Why a workload does not belong into a partition; undefined when it does. */
const misplaced = (
  workload: WorkloadKey,
  partition: number,
  partitionCount: number,
): string | undefined => {
  const right = partitionOf(workload, partitionCount);
  if (right === partition) return undefined;
  return `${workload} belongs to partition ${right} of ${partitionCount}, not to ${partition}`;
};

/**
 * Reads a stored message back into an event of today's shape, or says why it cannot. With the
 * partition count of its log, also when its workload belongs to another partition.
 */
export const decodeEvent = (
  body: string,
  subject: string,
  seq: number,
  partitionCount?: number,
): Decoded => {
  const decoded = decodeAt(body, subject, seq, placeOf);
  if (!decoded.ok || partitionCount === undefined) return decoded;
  const { workload, partition } = decoded.event;
  const wrong = workload && misplaced(workload, partition, partitionCount);
  return wrong === undefined ? decoded : refuse(wrong);
};

/** Reads a message of DEADLETTERS: DeadLettered, or what became of one. */
export const decodeDeadLetter = (body: string, subject: string, seq: number): Decoded =>
  decodeAt(body, subject, seq, placeOfDeadLetter);

export type DecodedSamples =
  | { readonly ok: true; readonly event: FlyballEvent<'SamplesReported'> & { seq: number } }
  | { readonly ok: false; readonly reason: string };

const samplesSubjectPattern = /^flyball\.samples\.(\d+)$/;

/** The first of its workloads that belongs elsewhere. */
const misplacedIn = (
  { rows, covered }: SamplesReportedData,
  partition: number,
  partitionCount: number,
): string | undefined => {
  for (const workloads of [rows.workloads, covered]) {
    for (const workload of workloads) {
      const wrong = misplaced(workload, partition, partitionCount);
      if (wrong !== undefined) return wrong;
    }
  }
  return undefined;
};

/**
 * Reads a message of SAMPLES; all columns must be as long as the list of workloads. With the
 * partition count of its log, all of its workloads must belong to its partition.
 */
export const decodeSamples = (
  body: string,
  subject: string,
  seq: number,
  partitionCount?: number,
): DecodedSamples => {
  const envelope = envelopeSchema.safeParse(parseJson(body));
  const partitionToken = samplesSubjectPattern.exec(subject)?.[1];
  if (!envelope.success || partitionToken === undefined) {
    return refuse(`not a batch of samples: ${envelope.error?.issues[0]?.message}`);
  }
  const document = envelope.data;
  if (partitionAbout.exec(document.subject)?.[1] !== partitionToken) {
    return refuse(`${document.subject} does not belong on ${subject}`);
  }
  const versionAt = document.type.lastIndexOf('.v');
  if (document.type.slice(0, versionAt) !== events.SamplesReported.typePrefix) {
    return refuse(`${document.type} is not SamplesReported`);
  }
  const version = Number(document.type.slice(versionAt + 2));
  const read = readData(events.SamplesReported, version, document.data);
  if (!read.ok) return refuse(read.reason);
  const partition = Number(partitionToken);
  const wrong =
    partitionCount === undefined ? undefined : misplacedIn(read.data, partition, partitionCount);
  if (wrong !== undefined) return refuse(wrong);
  return {
    ok: true,
    event: {
      id: document.id,
      type: 'SamplesReported',
      partition,
      pen: 'samples',
      source: document.source,
      atMs: Date.parse(document.time),
      ...(document.traceparent === undefined ? {} : { traceparent: document.traceparent }),
      data: read.data,
      seq,
    },
  };
};
