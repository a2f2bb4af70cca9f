/** The windower and what its shell needs of it. */
export * from './input.ts';
export type { SourceSecond } from './source-seconds.ts';
export { initialWindowerState, type WindowerState } from './state.ts';
export { windower } from './windower.ts';
