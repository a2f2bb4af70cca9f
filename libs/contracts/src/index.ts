/** The contracts: events, their envelope, subjects, pens, the policy's schema, outside errors. */
export * from './chain.ts';
export * from './define-event.ts';
export * from './envelope.ts';
export * from './event.ts';
export { deadLetterBodyMax } from './events/dead-lettered.ts';
export { type DecisionInputs, type RuleApplied, ruleApplied } from './events/decided.ts';
export * from './events/index.ts';
export { type MinuteRecordedData, secondsPerMinute } from './events/minute-recorded.ts';
export { type SamplesReportedData, sampleRowsMax } from './events/samples-reported.ts';
export { type Seen, type TickRows, tickRowsMax } from './events/tick-observed.ts';
export * from './nats-permissions.ts';
export * from './outside-error.ts';
export * from './partition.ts';
export * from './pens.ts';
export * from './policy.ts';
export * from './subjects.ts';
export { type Mode, type Routing, replicasMax } from './values.ts';
export * from './workload.ts';
