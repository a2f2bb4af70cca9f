/** Tells a span of each action on a decision: from its command until the platform answered. */
import type { ActuatorCommand, ActuatorEvent, ActuatorInput, ActuatorState } from '@flyball/domain';
import type { FollowStageOptions } from '@flyball/service';
import { type ApplyStory, applySpan, type Telemetry } from '@flyball/telemetry';

type LoopOptions = FollowStageOptions<ActuatorState, ActuatorInput, ActuatorEvent, ActuatorCommand>;

export interface ActionTelling {
  /** For the options of the actuator's loop; empty where nobody listens. */
  readonly options: Pick<LoopOptions, 'onStored'>;
  /** A command is taken now. */
  readonly taken: (command: ActuatorCommand) => void;
}

const silent: ActionTelling = { options: {}, taken: () => undefined };

export const tellActions = (telemetry: Telemetry, nowMs: () => number): ActionTelling => {
  if (!telemetry.isOn) return silent;
  const takenAtMs = new WeakMap<ActuatorCommand, number>();
  return {
    taken: (command) => void takenAtMs.set(command, nowMs()),
    options: {
      onStored: (output, cause, { seq }) => {
        // What was overtaken was never begun, and its decision may be of another trace.
        if (!('command' in cause)) return;
        const event = output as ApplyStory['event'];
        const { command, atMs: endMs } = cause;
        const startMs = takenAtMs.get(command) ?? endMs;
        telemetry.tell(applySpan({ event, seq, startMs, endMs }));
      },
    },
  };
};
