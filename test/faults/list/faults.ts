/** Every fault, in the order in which the table tells them. */
import type { Fault } from '../fault.ts';
import { clockFaults } from './clocks.ts';
import { clusterFaults } from './cluster.ts';
import { cutFaults } from './cuts.ts';
import { ownerFaults } from './owners.ts';
import { signalFaults } from './signals.ts';
import { storeFaults } from './stores.ts';

/** What the others are compared with. */
const nothing: Fault = {
  name: 'nothing',
  about: 'No fault at all: a tick comes every 2 s, and so does what is decided on it.',
  bed: 'plain',
  hurt: async () => ({ recoverFromMs: Date.now() }),
};

export const faults: readonly Fault[] = [
  nothing,
  ...signalFaults,
  ...cutFaults,
  ...storeFaults,
  ...ownerFaults,
  ...clockFaults,
  ...clusterFaults,
];
