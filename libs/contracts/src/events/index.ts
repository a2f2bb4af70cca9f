/** The table of all events; a new file here is a new event everywhere. */
import type { z } from 'zod';
import { ColdStartCompleted } from './cold-start-completed.ts';
import { DeadLetterDropped } from './dead-letter-dropped.ts';
import { DeadLetterRetried } from './dead-letter-retried.ts';
import { DeadLettered } from './dead-lettered.ts';
import { Decided } from './decided.ts';
import { DecidedThrough } from './decided-through.ts';
import { LogTruncated } from './log-truncated.ts';
import { MinuteRecorded } from './minute-recorded.ts';
import { PlatformSeen } from './platform-seen.ts';
import { PlatformUnseen } from './platform-unseen.ts';
import { PodAppeared } from './pod-appeared.ts';
import { PodGone } from './pod-gone.ts';
import { PodReady } from './pod-ready.ts';
import { PodUnready } from './pod-unready.ts';
import { PolicyRefused } from './policy-refused.ts';
import { PolicySet } from './policy-set.ts';
import { ReplicasDrifted } from './replicas-drifted.ts';
import { RequestsCounted } from './requests-counted.ts';
import { RequestsLost } from './requests-lost.ts';
import { RoutingApplied } from './routing-applied.ts';
import { RoutingFailed } from './routing-failed.ts';
import { SamplesReported } from './samples-reported.ts';
import { ScaleApplied } from './scale-applied.ts';
import { ScaleFailed } from './scale-failed.ts';
import { ScaleSuperseded } from './scale-superseded.ts';
import { TickObserved } from './tick-observed.ts';
import { WakeRequested } from './wake-requested.ts';
import { WorkloadAppeared } from './workload-appeared.ts';
import { WorkloadGone } from './workload-gone.ts';
import { WorkloadReachable } from './workload-reachable.ts';
import { WorkloadUnreachable } from './workload-unreachable.ts';

export const events = {
  ColdStartCompleted,
  DeadLetterDropped,
  DeadLetterRetried,
  DeadLettered,
  DecidedThrough,
  Decided,
  LogTruncated,
  MinuteRecorded,
  PlatformSeen,
  PlatformUnseen,
  PodAppeared,
  PodGone,
  PodReady,
  PodUnready,
  PolicyRefused,
  PolicySet,
  ReplicasDrifted,
  RequestsCounted,
  RequestsLost,
  RoutingApplied,
  RoutingFailed,
  SamplesReported,
  ScaleApplied,
  ScaleFailed,
  ScaleSuperseded,
  TickObserved,
  WakeRequested,
  WorkloadAppeared,
  WorkloadGone,
  WorkloadReachable,
  WorkloadUnreachable,
} as const;

export type EventName = keyof typeof events;

/** The newest data shape of each event. */
export type EventDataByName = {
  [Name in EventName]: z.infer<(typeof events)[Name]['schema']>;
};

export const eventNames = Object.keys(events) as EventName[];

const namesByTypePrefix = new Map<string, EventName>(
  eventNames.map((name) => [events[name].typePrefix, name]),
);

/** The event's name for a CloudEvents type without its version. */
export const eventNameOf = (typePrefix: string): EventName | undefined =>
  namesByTypePrefix.get(typePrefix);
