/** What the shells' tests of several packages run in, and tell their stories with. */
export { createTeller } from './partition-story.ts';
export { VirtualTime, virtualClock } from './virtual-time.ts';
