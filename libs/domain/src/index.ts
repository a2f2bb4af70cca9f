/** The pure stages and the arithmetic they stand on. */
export * from './activator/index.ts';
export * from './actuator/index.ts';
export * from './collector/index.ts';
export * from './decider/index.ts';
export * from './minutes/index.ts';
export { rehearse } from './rehearsal/rehearse.ts';
export {
  type DecisionDifference,
  type FieldDifference,
  verifyDecisions,
} from './replay/verify-decisions.ts';
export * from './replay/verify-unread.ts';
export * from './stage.ts';
export * from './watcher/index.ts';
export * from './windower/index.ts';
export * from './windows/averages.ts';
export * from './windows/window.ts';
