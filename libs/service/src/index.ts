/** The shells' shared machinery: settings, life, the bus, ownership, and the loops. */
export * from './clock.ts';
export * from './common-settings.ts';
export * from './config.ts';
export * from './config-documents.ts';
export type { Life } from './life.ts';
export type { Condition, ConditionState } from './readiness.ts';
export { exitCodes, runService } from './run-service.ts';
export {
  type CommonConfig,
  defineService,
  type ServiceDefinition,
} from './service-definition.ts';
export * from './setting.ts';
export { type RunningService, type StartOptions, startService } from './start-service.ts';
