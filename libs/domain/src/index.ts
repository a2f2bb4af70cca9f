/** The pure stages and the arithmetic they stand on. */
export * from './activator/index.ts';
export * from './collector/index.ts';
export * from './decider/index.ts';
export * from './replay/verify-decisions.ts';
export * from './stage.ts';
