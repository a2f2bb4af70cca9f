/** What people read under Events of a Deployment, of each event of the log that they care for. */
import type { AnyEvent, EventDataByName } from '@flyball/contracts';
import type { EventText } from '../objects/event-recorder.ts';
import type { ReportedWorkload } from './reported-workload.ts';

/** The reason of the Event that a Deployment came under Flyball. */
export const takenReason = 'Taken';

/** `10:41:30 UTC`: whoever reads an Event is in a zone that nobody here knows. */
export const clockTime = (atMs: number): string =>
  `${new Date(atMs).toISOString().slice(11, 19)} UTC`;

const normal = (reason: string, message: string): EventText => ({
  ...{ type: 'Normal', reason, message },
});
const warning = (reason: string, message: string): EventText => ({
  ...{ type: 'Warning', reason, message },
});

/** Why the newest decision is what it is; empty where that is not known. */
const whyOf = ({ decision }: ReportedWorkload, decisionId: string): string => {
  if (decision?.id !== decisionId) return '';
  const { reason, panicSinceMs } = decision;
  const panic = panicSinceMs === null ? '' : `; panic since ${clockTime(panicSinceMs)}`;
  return `: ${reason}${panic}`;
};

const scaled = (known: ReportedWorkload, data: EventDataByName['ScaleApplied']): EventText => {
  const { from, to, because, decisionId } = data;
  const moved = `Scaled ${from} → ${to}`;
  if (because === 'woken') return normal('Scaled', `${moved}: requests wait at zero`);
  const why = whyOf(known, decisionId);
  if (because === 'decided') return normal('Scaled', `${moved}${why}`);
  return normal('Scaled', `${moved} again, as was decided${why}`);
};

const drifted = (data: EventDataByName['ReplicasDrifted']): EventText => {
  const { expected, observed, fieldManager } = data;
  const decided = expected === null ? 'none are decided yet' : `decided are ${expected}`;
  const message =
    `${fieldManager} set ${observed} replicas, ${decided}. Flyball sets them by its policy: ` +
    'change the annotations instead, or let go of it with flyball.dev/enabled: "false".';
  return warning('ReplicasDrifted', message);
};

const refused = ({ complaints }: EventDataByName['PolicyRefused']): EventText => {
  const said = complaints.map(({ key, value, message, allowed }) => {
    return `${key}: ${value} ${message}; allowed: ${allowed}`;
  });
  return warning('PolicyRefused', `The policy before stays in force: ${said.join(' | ')}`);
};

/** Tries that come at once after a conflict are not told; the first of another kind is. */
const scaleFailed = (data: EventDataByName['ScaleFailed']): EventText | undefined => {
  const { to, code, message, retriable, attempt } = data;
  if (code === 'PLATFORM_CONFLICT' && attempt < 3) return undefined;
  const again = retriable ? '; it is tried again' : '';
  return warning('ScaleFailed', `${to} replicas were not taken${again}: ${message}`);
};

/** Undefined for what is not told; `known` is what was known before the event. */
export const textOfEvent = (event: AnyEvent, known: ReportedWorkload): EventText | undefined => {
  switch (event.type) {
    case 'ScaleApplied':
      return event.data.from === event.data.to ? undefined : scaled(known, event.data);
    case 'ReplicasDrifted':
      return drifted(event.data);
    case 'PolicyRefused':
      return refused(event.data);
    case 'PolicySet':
      return known.refused === null
        ? undefined
        : normal('PolicyTaken', 'The settings are taken again.');
    case 'ScaleFailed':
      return scaleFailed(event.data);
    case 'RoutingFailed':
      return warning(
        'RoutingFailed',
        `Requests could not be led through the ${event.data.routing}: ${event.data.message}`,
      );
    case 'WorkloadAppeared':
      return normal(takenReason, 'Flyball sets the replicas of this Deployment from now on.');
    case 'WorkloadGone':
      return event.data.reason === 'deleted'
        ? undefined
        : normal('LetGo', 'Flyball leaves the replicas of this Deployment alone from now on.');
    default:
      return undefined;
  }
};
