/** What a service tells of its doings, whoever listens. */
import type { FinishedSpan } from './finished-span.ts';

export interface Telemetry {
  /** False: nobody listens. Callers then spare themselves the making of spans. */
  readonly isOn: boolean;
  /** Tells one span, once. Never throws, never waits; what cannot be sent is dropped. */
  tell(span: FinishedSpan): void;
  /** Sends what is still here; within its own limit, never rejects. */
  close(): Promise<void>;
}

/** Nobody listens. */
export const silentTelemetry: Telemetry = {
  isOn: false,
  tell: () => undefined,
  close: async () => undefined,
};
