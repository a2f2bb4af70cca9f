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
      onStored: (output, cause, moments) => {
        // One that was overtaken was never commanded: it follows from the decision that came.
        const [startMs, endMs] =
          'command' in cause
            ? [takenAtMs.get(cause.command) ?? cause.atMs, cause.atMs]
            : [moments.takenAtMs, moments.storedAtMs];
        const event = output as ApplyStory['event'];
        telemetry.tell(applySpan({ event, seq: moments.seq, startMs, endMs }));
      },
    },
  };
};
