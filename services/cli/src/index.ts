/** Flyball on this machine, for programs that start and measure it. */
export { type LoadOptions, type LoadResult, runLoad } from './demo/load.ts';
export {
  concurrentRequests,
  realPace,
  repositoryRoot,
  samplePath,
  sampleWorkload,
  sceneManifests,
  scenes,
} from './demo/scene.ts';
export { connectPlatform, connectReader, findRunning } from './running.ts';
export type { RunRecord } from './up/data-folder.ts';
export { findServer } from './up/find-server.ts';
export { type Machine, type MachineOptions, startMachine } from './up/machine.ts';
export { natsLoginOf } from './up/topology.ts';
