/** The shells' shared machinery: settings, life, the bus, ownership, and the loops. */
export * from './clock.ts';
export { countClusterCalls } from './cluster-calls.ts';
export * from './common-settings.ts';
export * from './config.ts';
export * from './config-documents.ts';
export { type BusConfig, type BusUser, connectBus, watchConnection } from './connect-bus.ts';
export * from './dead-letters.ts';
export type { DeterministicStage } from './deterministic-stage.ts';
export { drive } from './drive.ts';
export type { DriveOptions } from './drive-options.ts';
export type { EffectfulStage, LiveState, ShellInput } from './effectful-stage.ts';
export * from './fences.ts';
export * from './follow-projection.ts';
export { followStage } from './follow-stage.ts';
export type { FollowStageOptions } from './follow-stage-options.ts';
export type { Life } from './life.ts';
export { beginLife, type Living, type LivingOptions } from './living.ts';
export {
  type Ownership,
  type Owning,
  type OwnPartitionsOptions,
  ownPartitions,
  type Tenure,
} from './own-partitions.ts';
export {
  createPositionCheck,
  type LogLoss,
  lossAt,
  overOneConnection,
  type PositionCheck,
} from './position-check.ts';
export { identityOf, orphansOf, signalProcess } from './process-identity.ts';
export { registerReading } from './projection-metrics.ts';
export { createQueueMetrics, type QueueMetrics } from './queue-metrics.ts';
export { assertQueueProxyLimits, queueProxySettings } from './queue-proxy-settings.ts';
export type { Condition, ConditionState } from './readiness.ts';
export {
  type LeftState,
  lossOf,
  type Recovered,
  recover,
  type SnapshotReading,
} from './recover.ts';
export { type RecoveryFacts, recoveryFacts } from './recovery-facts.ts';
export { loneRecovery, type Recovery, recoverInTurn } from './recovery-turns.ts';
export { lastRefoldId } from './refold.ts';
export * from './retry.ts';
export { exitCodes, runService } from './run-service.ts';
export {
  type CommonConfig,
  defineService,
  type ServiceDefinition,
} from './service-definition.ts';
export * from './setting.ts';
export { createSlices } from './slices.ts';
export {
  createSnapshotter,
  type Snapshotter,
  snapshotEveryMessages,
  snapshotEveryMs,
} from './snapshotter.ts';
export { createStageMetrics, type StageMetrics, secondsBuckets } from './stage-metrics.ts';
export { type RunningService, type StartOptions, startService } from './start-service.ts';
export type { OnStored, StoredMoments } from './stored-now.ts';
export { tellRecovery } from './tell-recovery.ts';
export {
  registerWorkloadGauges,
  type WorkloadGauge,
  workloadMetricsMax,
  workloadMetricsMaxDefault,
} from './workload-gauges.ts';
export {
  appendsInFlightMax,
  openWriter,
  type Writer,
  type WriterOptions,
  type Written,
} from './writer.ts';
