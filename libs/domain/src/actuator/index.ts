/** The actuator: the stage, what goes in and out, and its snapshot. */
export { actuator, wakeScale } from './actuator.ts';
export {
  type ActuatorCommand,
  type ActuatorEvent,
  type ActuatorInput,
  type ActuatorOutput,
  type ApplyRouting,
  type ApplyScale,
  isActuatorCommand,
  type RoutingAnswered,
  type ScaleAnswered,
} from './input.ts';
export { isOlderVersion } from './resource-version.ts';
export {
  type ActuatedWorkload,
  type ActuatorState,
  actuatorSnapshot,
  actuatorSnapshotVersion,
  actuatorStateFrom,
} from './state.ts';
export { scaleAnswerId } from './tries.ts';
