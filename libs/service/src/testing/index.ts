/** What the shells' tests of several packages run in, and tell their stories with. */
export { bucketOver } from './bucket-road.ts';
export { createTeller } from './partition-story.ts';
export { type StreamRoad, streamOver } from './stream-road.ts';
export { VirtualTime, virtualClock } from './virtual-time.ts';
