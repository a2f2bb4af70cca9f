/** The windower and what its shell needs of it. */

export { passByEvent, windowerPassesBy } from './fold-events.ts';
export { keptFromSecond } from './fold-ticks.ts';
export * from './input.ts';
export * from './mirror.ts';
export * from './snapshot.ts';
export type { SourceSecond } from './source-seconds.ts';
export {
  inFlightOf,
  initialWindowerState,
  type WindowedWorkload,
  type WindowerState,
} from './state.ts';
export { windower } from './windower.ts';
