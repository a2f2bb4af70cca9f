/** Receiving spans: what arrives by OTLP/HTTP is kept, bounded, and listed. */
export type { ReceivedSpan } from './received-span.ts';
export type { PhaseTime, TraceKind, TraceSummary } from './store/trace-summary.ts';
