/** What everything here reads from: the log, a clock, and the platform where there is one. */
import type { EventLog } from '@flyball/event-log';
import type { LocalPlatformAdmin } from '@flyball/platform';
import type { Clock } from '@flyball/service';

export interface Reader {
  readonly log: EventLog;
  /** Fixed when the log was made. */
  readonly partitionCount: number;
  readonly clock: Clock;
  /** What runs beside what is recorded; absent where there is only a log. */
  readonly platform?: Pick<LocalPlatformAdmin, 'workloads' | 'config' | 'pods'> | undefined;
}
