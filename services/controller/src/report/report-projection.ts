/** What is reported of each workload of a partition, folded from the log. */
import type { AnyEvent, RecordedEvent, WorkloadKey } from '@flyball/contracts';
import type { EventText } from '../objects/event-recorder.ts';
import { textOfEvent } from './event-text.ts';
import type { ReportedWorkload } from './reported-workload.ts';

/** Plain data, so that it can be a snapshot. */
export interface Report {
  readonly workloads: Record<WorkloadKey, ReportedWorkload>;
}

export interface ReportChange {
  readonly workload: WorkloadKey;
  readonly uid: string;
  /** For an Event on the Deployment; undefined where there is nothing to tell. */
  readonly text: EventText | undefined;
}

export const initialReport = (): Report => ({ workloads: {} });

const newWorkload = (uid: string): ReportedWorkload => ({
  uid,
  ...{ decision: null, refused: null, failed: null },
});

const complaintsSaid = (
  complaints: readonly { key: string; value: string; message: string; allowed: string }[],
): string => {
  const [first, ...others] = complaints;
  if (first === undefined) return 'settings cannot be taken';
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return `${first.key}: ${first.value} ${first.message}; allowed: ${first.allowed}${more}`;
};

const folded = (known: ReportedWorkload, event: AnyEvent): ReportedWorkload => {
  switch (event.type) {
    case 'Decided': {
      const { to, mode, panicSinceMs, routing, reason } = event.data;
      const { id, atMs } = event;
      return { ...known, decision: { id, to, mode, panicSinceMs, routing, reason, atMs } };
    }
    case 'PolicySet':
      return known.refused === null ? known : { ...known, refused: null };
    case 'PolicyRefused':
      return { ...known, refused: complaintsSaid(event.data.complaints) };
    case 'ScaleApplied':
      return known.failed === null ? known : { ...known, failed: null };
    case 'ScaleFailed': {
      // What is tried again at once, and mostly succeeds then, is no trouble to speak of.
      const { code, message, retriable } = event.data;
      return retriable ? known : { ...known, failed: `${code}: ${message}` };
    }
    default:
      return known;
  }
};

/** Folds one event in place. Undefined when there is nothing to report of it. */
export const evolveReport = (
  report: Report,
  event: AnyEvent | RecordedEvent,
): ReportChange | undefined => {
  const { workload } = event;
  if (workload === undefined) return undefined;
  const { workloads } = report;
  if (event.type === 'WorkloadAppeared') {
    const { uid } = event.data;
    // A policy may be told before its workload.
    workloads[workload] = { ...newWorkload(uid), refused: workloads[workload]?.refused ?? null };
  } else if (event.type === 'PolicySet' || event.type === 'PolicyRefused') {
    workloads[workload] ??= newWorkload('');
  }
  const known = workloads[workload];
  if (known === undefined) return undefined;
  const text = textOfEvent(event, known);
  const now = folded(known, event);
  const { uid } = now;
  if (event.type === 'WorkloadGone') {
    delete workloads[workload];
    return { workload, uid, text };
  }
  workloads[workload] = now;
  const changed = now !== known || event.type === 'WorkloadAppeared';
  return changed || text !== undefined ? { workload, uid, text } : undefined;
};

/** The report as a projection of the log. */
export const reportProjection = {
  version: 1,
  initialState: initialReport,
  tails: new Set(['policy', 'platform', 'decisions', 'actions']),
  evolve: evolveReport,
};
