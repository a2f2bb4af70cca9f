/** A span for tests. */
import type { Phase } from '@flyball/telemetry/waterfall';
import type { TraceSpan } from '../../../src/wire.ts';

export const phaseSpan = (phase: Phase, startMs: number, endMs: number): TraceSpan => ({
  traceId: 'ab',
  spanId: phase,
  parentSpanId: null,
  name: phase,
  kind: 'internal',
  startMs,
  endMs,
  links: [],
  error: null,
  service: 'flyball-activator',
  instance: '1',
  attributes: { 'flyball.phase': phase },
});
