/** Workloads that are on the platform and not Flyball's to scale: nothing of them is recorded. */
import { OutsideError, type WorkloadKey } from '@flyball/contracts';
import { hpaClass, kpaClass, parseConfigAutoscaler, resolvePolicy } from '@flyball/knative';
import { counted } from './counted.ts';
import { oneLine } from './one-line.ts';
import type { Reader } from './reader.ts';

interface Foreign {
  readonly workload: WorkloadKey;
  readonly className: string;
  readonly replicas: number;
}

/** What the log knows does not depend on the platform: when it is away, nothing is said of this. */
const readForeign = async ({ platform }: Reader): Promise<readonly Foreign[]> => {
  if (platform === undefined) return [];
  try {
    const [workloads, data] = await Promise.all([platform.workloads(), platform.config()]);
    const { config } = parseConfigAutoscaler(data ?? {});
    return workloads.flatMap(({ workload, annotations, replicas }) => {
      const className = resolvePolicy({ config, annotations }).policy.class;
      return className === kpaClass ? [] : [{ workload, className, replicas }];
    });
  } catch (error) {
    if (error instanceof OutsideError) return [];
    throw error;
  }
};

const sentence = ({ workload, className, replicas }: Foreign): string => {
  const why =
    className === hpaClass
      ? 'a HorizontalPodAutoscaler scales it, which needs a cluster'
      : 'another autoscaler has it';
  const kept = `it keeps its ${counted(replicas, 'replica')}`;
  return oneLine(`${workload} is left alone: by class ${className} ${why}; ${kept}.`);
};

/** One sentence for each workload of a class that is not ours: of all, or of the one given. */
export const foreignClassNotices = async (
  reader: Reader,
  workload?: WorkloadKey,
): Promise<readonly string[]> => {
  const foreign = await readForeign(reader);
  return foreign.filter((one) => workload === undefined || one.workload === workload).map(sentence);
};
