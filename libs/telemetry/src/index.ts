/** Telemetry: what services tell of their doings as spans, and how events find their spans. */
export * from './finished-span.ts';
export * from './phases.ts';
export type { ReceivedSpan } from './received-span.ts';
export { startTelemetry, telemetryCloseMsMax } from './start/start-telemetry.ts';
export type { TelemetryOptions } from './start/telemetry-options.ts';
export type { PhaseTime, TraceKind, TraceSummary } from './store/trace-summary.ts';
export { type ApplyStory, applySpan } from './story/apply-span.ts';
export { type ColdStartStory, coldStartSpans } from './story/cold-start-spans.ts';
export { type DecideStory, decideSpan } from './story/decide-span.ts';
export { type FoldStory, foldSpans } from './story/fold-spans.ts';
export { type RecoverStory, recoverSpan } from './story/recover-span.ts';
export { type ReplayStory, replaySpans, replaySpansMax } from './story/replay-spans.ts';
export {
  type RequestFacts,
  type RequestMoments,
  type RequestStory,
  requestSpans,
} from './story/request-spans.ts';
export { rowSpansMax } from './story/row-spans.ts';
export { type SampleStory, sampleSpans } from './story/sample-spans.ts';
export { type TickStory, tickSpans } from './story/tick-spans.ts';
export { type WakeStory, wakeSpan } from './story/wake-span.ts';
export * from './telemetry.ts';
export * from './trace-ids.ts';
