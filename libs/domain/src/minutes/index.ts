/** Minutes: written by the windower, read back for replay. */
export * from './minute.ts';
export { recordMinute } from './record-minute.ts';
export { replayInputs, type WorkloadHistory } from './replay-inputs.ts';
export {
  eachTickOfMinutes,
  type ReadMinute,
  type RecordedMinute,
  type RecordedTick,
  ticksOfMinute,
  ticksOfMinutes,
} from './ticks-of-minute.ts';
