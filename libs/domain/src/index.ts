/** The pure stages and the arithmetic they stand on. */
export * from './stage.ts';
