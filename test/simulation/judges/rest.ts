/** After the faults: what is there must be what was decided last. */
import type { World } from '../world/world.ts';

/** A decision that was stored so short a time ago may be under way. */
const underWayMs = 3_000;

/** The last decisions that the log holds, by workload: how many, and when they were stored. */
const lastDecisions = ({ observer }: World) => {
  const last = new Map<string, { readonly to: number; readonly seenAtMs: number }>();
  for (const message of observer.messages) {
    const { body, subject, seenAtMs } = message;
    if (observer.cut.has(message) || !subject.endsWith('.decisions')) continue;
    const document = JSON.parse(body);
    last.set(document.subject, { to: document.data.to, seenAtMs });
  }
  return last;
};

/**
 * Workloads that rest at another number than was decided of them last. Nobody else has a say then:
 * what a wake asked for is decided upon, what somebody else has set is put back.
 */
export const notAsDecided = (world: World): readonly string[] => {
  const decided = lastDecisions(world);
  return world.pods.platform.workloads().flatMap(({ workload, replicas }) => {
    const last = decided.get(workload);
    if (last === undefined || last.to === replicas) return [];
    if (world.time.nowMs - last.seenAtMs < underWayMs) return [];
    return [`${workload} rests at ${replicas}, decided were ${last.to}`];
  });
};
