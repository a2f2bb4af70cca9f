/** Reports on the Deployments of a partition what is done with them: Events, and annotations. */
import { pensFilter, type WorkloadKey } from '@flyball/contracts';
import { followProjection, type Tenure } from '@flyball/service';
import type { ControllerParts, PartitionLoop } from '../loop.ts';
import { createEventTeller } from './event-teller.ts';
import { takenReason } from './event-text.ts';
import { createLoadWatch } from './load-watch.ts';
import {
  initialReport,
  type Report,
  type ReportChange,
  reportProjection,
} from './report-projection.ts';
import { statusAnnotationsOf } from './status-annotations.ts';
import { createStatusWriter } from './status-writer.ts';

/** Works until the signal aborts. What the log held at its beginning is no news. */
const report = async (
  partition: number,
  { signal, ownership }: Tenure,
  { life, log, access, caches, config, events, routing }: ControllerParts,
): Promise<void> => {
  const { clock, logger } = life;
  let current: Report = initialReport();
  const teller = createEventTeller({ events, clock, logger, signal });
  const status = createStatusWriter({
    ...{ access, clock, logger, signal },
    intervalMs: config.statusIntervalMs,
    deployment: (workload) => caches.deployments.at(workload),
    wanted: (workload) => statusAnnotationsOf(current.workloads[workload]),
  });
  const stir = (workload: WorkloadKey): void => {
    if (config.statusIntervalMs > 0) status.stir(workload);
  };
  const loads = createLoadWatch({
    ...{ clock, signal, sight: { caches, routing } },
    tell: (workload, text) => {
      const { uid } = current.workloads[workload] ?? {};
      if (uid !== undefined && ownership.isHeld()) teller.tell(workload, uid, text);
    },
  });
  const onChanged = (state: Report, { workload, uid, text }: ReportChange): void => {
    current = state;
    if (text !== undefined && ownership.isHeld()) teller.tell(workload, uid, text);
    if (text?.reason === takenReason) loads.taken(workload);
    if (state.workloads[workload] === undefined) {
      teller.forget(workload);
      loads.forget(workload);
    }
    stir(workload);
  };
  const onCaughtUp = (state: Report): void => {
    current = state;
    for (const workload of Object.keys(state.workloads)) stir(workload as WorkloadKey);
  };
  const following = followProjection(
    {
      ...{ log, life, onCaughtUp, onChanged },
      filter: pensFilter(partition),
      partitionCount: ownership.partitionCount,
      snapshotKey: { stage: 'controller', partition },
      projection: reportProjection,
    },
    signal,
  );
  await Promise.all([following, status.ended]);
};

export const reportLoop: PartitionLoop = { name: 'report', run: report };
