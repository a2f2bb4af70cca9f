/** Receiving spans: what arrives by OTLP/HTTP is kept, bounded, and listed. */
export * from './otlp/trace-sink.ts';
export type { ReceivedSpan } from './received-span.ts';
export * from './store/trace-store.ts';
export type { PhaseTime, TraceKind, TraceSummary } from './store/trace-summary.ts';
