/** Tells a span of each action on a decision: from its command until the platform answered. */
import { derivedId } from '@flyball/contracts';
import {
  type ActuatorCommand,
  type ActuatorEvent,
  type ActuatorInput,
  type ActuatorState,
  type ApplyScale,
  scaleAnswerId,
} from '@flyball/domain';
import type { FollowStageOptions } from '@flyball/service';
import {
  type ApplyStory,
  applySpan,
  contextOf,
  type Telemetry,
  traceparentFrom,
} from '@flyball/telemetry';

type LoopOptions = FollowStageOptions<ActuatorState, ActuatorInput, ActuatorEvent, ActuatorCommand>;

export interface ActionTelling {
  /** For the options of the actuator's loop; empty where nobody listens. */
  readonly options: Pick<LoopOptions, 'onStored'>;
  /** A command is taken now. */
  readonly taken: (command: ActuatorCommand) => void;
  /** The trace context of its span, before that is told; undefined where nobody listens. */
  readonly traceparentOf: (command: ApplyScale) => string | undefined;
}

const silent: ActionTelling = {
  options: {},
  taken: () => undefined,
  traceparentOf: () => undefined,
};

/** What is said of this try will have this id, and so its span. */
const traceparentOf = (command: ApplyScale): string => {
  const { workload, decisionId, traceparent } = command;
  return traceparentFrom(
    contextOf({
      id: derivedId(scaleAnswerId(command), 'actions', workload),
      data: { decisionId } as ApplyStory['event']['data'],
      ...(traceparent === null ? {} : { traceparent }),
    }),
  );
};

export const tellActions = (telemetry: Telemetry, nowMs: () => number): ActionTelling => {
  if (!telemetry.isOn) return silent;
  const takenAtMs = new WeakMap<ActuatorCommand, number>();
  return {
    taken: (command) => void takenAtMs.set(command, nowMs()),
    traceparentOf,
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
