/** Pods that crash or do not answer: the platform says why, and so do we where they are missed. */
import { OutsideError, type WorkloadKey } from '@flyball/contracts';
import type { LocalPlatformAdmin } from '@flyball/platform';
import { counted } from './counted.ts';
import { oneLine } from './one-line.ts';
import type { Reader } from './reader.ts';

type Pods = Awaited<ReturnType<LocalPlatformAdmin['pods']>>;

/** One that starts or drains is well. */
export const illAmong = (pods: Pods): Pods =>
  pods.filter(
    ({ unreadyReason }) => unreadyReason === 'crashed' || unreadyReason === 'probe-failed',
  );

/** What the log knows does not depend on the platform: when it is away, nothing is said of this. */
const readPods = async ({ platform }: Reader): Promise<Pods> => {
  try {
    return (await platform?.pods()) ?? [];
  } catch (error) {
    if (error instanceof OutsideError) return [];
    throw error;
  }
};

const sentence = (workload: string, ill: Pods, all: number): string => {
  const [first] = ill;
  const why = first === undefined ? '' : `${first.pod}: ${oneLine(first.message)}`;
  return `${workload}: of ${counted(all, 'pod')} ${ill.length} cannot run. ${why}`;
};

/** One sentence for each workload that has such pods: of all workloads, or of the one given. */
export const illPodNotices = async (
  reader: Reader,
  workload?: WorkloadKey,
): Promise<readonly string[]> => {
  const pods = await readPods(reader);
  const byWorkload = Map.groupBy(pods, (pod) => pod.workload);
  return [...byWorkload].flatMap(([name, all]) => {
    const ill = illAmong(all);
    const wanted = workload === undefined || name === workload;
    return wanted && ill.length > 0 ? [sentence(name, ill, all.length)] : [];
  });
};
