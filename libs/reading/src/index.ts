/** Reading the log for people: what the command line and the console tell of it. */
export { type BrokenLink, ChainCheck, type ChainVerdict } from './chain-check.ts';
export { counted } from './counted.ts';
export { isDeciderSilent } from './decider-silence.ts';
export { eventSentence } from './event-sentence.ts';
export { type ExplainedWorkload, explainWorkload } from './explain-workload.ts';
export type { Explanation } from './explanation.ts';
export { foreignClassNotices } from './foreign-class.ts';
export { illAmong, illPodNotices } from './ill-pods.ts';
export { instanceOf } from './instance-of.ts';
export { isRecorded, knownWorkloads, nearestTo } from './known-workloads.ts';
export { leftAloneNotices } from './left-alone.ts';
export { oneLine } from './one-line.ts';
export {
  followPartition,
  type PartitionNews,
  type PartitionView,
  viewPartition,
} from './partition-view.ts';
export type { PresentAnswer } from './present-answer.ts';
export { readAhead } from './read-ahead.ts';
export { readDecoded } from './read-decoded.ts';
export { readWhole } from './read-whole.ts';
export type { Reader } from './reader.ts';
export {
  type RecordedWorkload,
  readAgingStreams,
  readRecordedWorkload,
  readTicks,
  type UnreadableMessage,
} from './recorded-workload.ts';
export { readStateAt } from './state-at.ts';
export { dateAndTime, duration, timeOfDay } from './times.ts';
export { tracedIn } from './traced-in.ts';
export {
  byName,
  partitionsOf,
  type ShownWorkload,
  shownWorkload,
  wantedOf,
} from './wanted-workloads.ts';
