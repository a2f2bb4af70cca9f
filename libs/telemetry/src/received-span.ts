/** A span as it arrives at a receiver: who told it, too. */
import type { FinishedSpan } from './finished-span.ts';

export interface ReceivedSpan extends FinishedSpan {
  /** `service.name`, for instance `flyball-decider`; empty when it was not said. */
  readonly service: string;
  /** `service.instance.id`; empty when it was not said. */
  readonly instance: string;
}
