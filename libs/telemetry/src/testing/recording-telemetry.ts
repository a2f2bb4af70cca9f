/** A telemetry that only remembers what it was told. */
import type { FinishedSpan } from '../finished-span.ts';
import type { Telemetry } from '../telemetry.ts';

export interface RecordingTelemetry extends Telemetry {
  readonly spans: readonly FinishedSpan[];
}

/** On, and without a receiver. */
export const recordingTelemetry = (): RecordingTelemetry => {
  const spans: FinishedSpan[] = [];
  return {
    isOn: true,
    spans,
    tell: (span) => {
      spans.push(span);
    },
    close: async () => undefined,
  };
};
