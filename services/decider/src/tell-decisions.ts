/** Tells a span of each decision that was stored here, with a link to the request that waits. */
import type { FlyballEvent, WorkloadKey } from '@flyball/contracts';
import type { DeciderState } from '@flyball/domain';
import type { DriveOptions } from '@flyball/service';
import { contextFrom, decideSpan, type SpanContext, type Telemetry } from '@flyball/telemetry';

/** Workloads whose waiting request is remembered; beyond that the oldest is forgotten. */
const waitingMax = 1_000;

/** Of each workload the request that pods were decided for, until one of them is ready. */
class Waiting {
  readonly #requests = new Map<WorkloadKey, SpanContext>();

  /** The request that waits at this decision; a decision for a request makes it the one. */
  at({ workload, traceparent, data }: FlyballEvent<'Decided'>): SpanContext | undefined {
    if (workload === undefined) return undefined;
    const known = this.#requests.get(workload);
    if (data.inputs.readyPods > 0) {
      this.#requests.delete(workload);
      return undefined;
    }
    const own = traceparent === undefined ? undefined : contextFrom(traceparent);
    if (own !== undefined) this.#remember(workload, own);
    return own === undefined ? known : undefined;
  }

  #remember(workload: WorkloadKey, request: SpanContext): void {
    this.#requests.delete(workload);
    this.#requests.set(workload, request);
    if (this.#requests.size <= waitingMax) return;
    const [oldest] = this.#requests.keys();
    if (oldest !== undefined) this.#requests.delete(oldest);
  }
}

/**
 * For the options of the decider's loop; empty where nobody listens. One for all partitions: a
 * workload is in one of them.
 */
export const tellDecisions = (
  telemetry: Telemetry,
): Pick<DriveOptions<DeciderState>, 'onStored'> => {
  if (!telemetry.isOn) return {};
  const requests = new Waiting();
  return {
    onStored: (output, _cause, { takenAtMs, storedAtMs, seq }) => {
      if (output.type !== 'Decided') return;
      const event = output as FlyballEvent<'Decided'>;
      const waiting = requests.at(event);
      telemetry.tell(
        decideSpan({
          ...{ event, seq, startMs: takenAtMs, endMs: storedAtMs },
          ...(waiting === undefined ? {} : { waiting }),
        }),
      );
    },
  };
};
