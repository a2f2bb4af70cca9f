/** Each event as one sentence that a person reads. */
import type { AnyEvent, EventDataByName, EventName } from '@flyball/contracts';
import { counted } from './counted.ts';
import { oneLine } from './one-line.ts';
import { duration, timeOfDay } from './times.ts';

const percent = (fraction: number): string => `${Math.round(fraction * 100)} %`;

const policySaid = ({ policy, warnings }: EventDataByName['PolicySet']): string => {
  const { minScale, maxScale, stableWindowMs, behaviour } = policy;
  const bounds = maxScale === 0 ? `${minScale} or more` : `${minScale} to ${maxScale}`;
  const what = policy.metric === 'rps' ? 'requests a second' : 'in flight';
  const count = counted(warnings.length, 'warning');
  const warned = warnings.length === 0 ? '' : `; ${count}: see \`flyball policy\``;
  return (
    `${policy.targetValue} ${what} a pod (${percent(policy.targetUtilization)} of ` +
    `${policy.totalValue}), ${bounds} replicas, window ${duration(stableWindowMs)}, ` +
    `behaviour ${behaviour}${warned}`
  );
};

const decidedSaid = (data: EventDataByName['Decided']): string => {
  const { from, to, mode, routing, changed, reason } = data;
  const moved = from === to ? `stays at ${to}` : `${from ?? 'new'} → ${to}`;
  const told = [
    ...(changed.includes('mode') ? [`${mode} mode`] : []),
    ...(changed.includes('routing') ? [`through the ${routing}`] : []),
  ];
  return `${[moved, ...told].join(', ')}: ${reason}`;
};

const countsSaid = (data: EventDataByName['RequestsCounted']): string => {
  const { held, released, timedOut, shed, abandoned, waiting, waitedMaxMs } = data;
  const ends = [
    [held, 'held'],
    [released, 'released'],
    [timedOut, 'timed out'],
    [shed, 'shed'],
    [abandoned, 'abandoned'],
  ] as const;
  const told = ends.filter(([count]) => count > 0).map(([count, end]) => `${count} ${end}`);
  const longest = waitedMaxMs > 0 ? `; longest wait ${duration(waitedMaxMs)}` : '';
  return `${told.join(', ') || 'nothing new'}; ${waiting} waiting${longest}`;
};

const coldStartSaid = (data: EventDataByName['ColdStartCompleted']): string => {
  const { receivedAtMs, appliedAtMs, connectedAtMs, firstByteAtMs, lastByteAtMs } = data;
  const moments = [
    ['scaled', appliedAtMs],
    ['connected', connectedAtMs],
    ['first byte', firstByteAtMs],
  ] as const;
  const told = moments.flatMap(([what, atMs]) =>
    atMs === null ? [] : [`${what} after ${duration(Math.max(0, atMs - receivedAtMs))}`],
  );
  const { status, pod, waited } = data;
  const took = duration(Math.max(0, lastByteAtMs - receivedAtMs));
  const others = waited > 1 ? `, ${waited} waited` : '';
  const way = told.length > 0 ? ` (${told.join(', ')})` : '';
  return `${status} from ${pod} in ${took}${others}${way}`;
};

const complaintsSaid = ({ complaints }: EventDataByName['PolicyRefused']): string => {
  const told = complaints.map(({ key, value, message, allowed }) => {
    return `${key}: ${value} ${message}; allowed: ${allowed}`;
  });
  return `refused, the policy before stays: ${told.join(' | ')}`;
};

type Sentences = { readonly [Name in EventName]: (data: EventDataByName[Name]) => string };

const rowsIn = (workloads: readonly unknown[]): string => counted(workloads.length, 'workload');

const sentences: Sentences = {
  PolicySet: policySaid,
  PolicyRefused: complaintsSaid,
  WorkloadAppeared: ({ replicas, adopted }) =>
    adopted
      ? `adopted with ${counted(replicas, 'replica')}`
      : `new, ${counted(replicas, 'replica')}`,
  WorkloadGone: ({ reason }) => (reason === 'deleted' ? 'deleted' : 'no longer under Flyball'),
  WorkloadReachable: ({ hosts = [] }) =>
    `a route leads to it${hosts.length === 0 ? '' : ` by ${hosts.join(', ')}`}: its bounds hold`,
  WorkloadUnreachable: () => 'no route leads to it: its floor is zero',
  PodAppeared: ({ pod, address }) =>
    `${pod} ${address === null ? 'was created' : `is at ${address}`}`,
  PodReady: ({ pod }) => `${pod} is ready`,
  PodUnready: ({ pod, reason, message }) =>
    `${pod} is not ready: ${reason}${message === '' ? '' : ` (${message})`}`,
  PodGone: ({ pod }) => `${pod} has ended`,
  PlatformUnseen: ({ reason }) => `the platform cannot be seen: ${reason}`,
  PlatformSeen: ({ unseenMs }) => `the platform is seen again after ${duration(unseenMs)}`,
  ReplicasDrifted: ({ expected, observed, fieldManager }) =>
    `${fieldManager} set ${counted(observed, 'replica')}, decided were ${expected ?? 'none yet'}`,
  Decided: decidedSaid,
  DecidedThrough: ({ tickAtMs, workloads, decisions }) =>
    `looked at ${counted(workloads, 'workload')} at ${timeOfDay(tickAtMs)}: ` +
    counted(decisions, 'decision'),
  ScaleApplied: ({ from, to, because, attempt }) =>
    `${from} → ${to} (${because}${attempt > 1 ? `, attempt ${attempt}` : ''})`,
  ScaleFailed: ({ to, attempt, code, message, retriable }) =>
    `${to} was not taken (${code}, attempt ${attempt}` +
    `${retriable ? ', tried again' : ''}): ${message}`,
  ScaleSuperseded: ({ to }) => `${to} was overtaken by a newer decision`,
  RoutingApplied: ({ routing }) =>
    `requests go ${routing === 'pods' ? 'straight to the pods' : 'through the activator'}`,
  RoutingFailed: ({ routing, attempt, code, message }) =>
    `routing through the ${routing} was not taken (${code}, attempt ${attempt}): ${message}`,
  RequestsCounted: countsSaid,
  RequestsLost: ({ instance, lost }) =>
    `${counted(lost, 'request')} lost with activator ${instance}`,
  WakeRequested: ({ waiting }) => `${counted(waiting, 'request')} at zero, wanted now`,
  ColdStartCompleted: coldStartSaid,
  LogTruncated: ({ stage, expectedSeq, foundSeq }) =>
    `${stage} had read through ${expectedSeq}, the log ends at ${foundSeq}: its tail was lost`,
  TickObserved: ({ kind, rows }) => `${kind} with ${rowsIn(rows.workloads)}`,
  MinuteRecorded: ({ minuteAtMs }) => `the minute from ${timeOfDay(minuteAtMs)}`,
  SamplesReported: ({ source, rows }) => `${source} saw ${rowsIn(rows.workloads)}`,
  DeadLettered: ({ stage, subject, seq, reason }) =>
    `${stage} put aside ${subject} at ${seq}: ${reason}`,
  DeadLetterRetried: ({ letterSeq, by }) => `${by} wants dead letter ${letterSeq} read again`,
  DeadLetterDropped: ({ letterSeq, by }) => `${by} let go of dead letter ${letterSeq}`,
};

/** What happened, in one sentence, without its time and name; nothing that a terminal obeys. */
export const eventSentence = (event: AnyEvent): string =>
  // Annotations, platforms and pods have a say in it.
  oneLine((sentences[event.type] as (data: EventDataByName[EventName]) => string)(event.data));
