/** NATS on a cluster and its streams, through a port-forward; not everybody may have one. */
import { OutsideError } from '@flyball/contracts';
import { openLog } from '../../reading/open-log.ts';
import { advised, type Check, failed } from '../check.ts';
import { foundLog } from '../found-log.ts';

/** The Flyball that was found on the cluster, and who asks. */
export interface LogPlace {
  readonly kubeconfig: string;
  readonly namespace: string;
  readonly signal: AbortSignal;
}

/** Reads as `reader`; a right that is missing is no fault of Flyball's. */
export const checkLog = async ({ kubeconfig, namespace, signal }: LogPlace): Promise<Check> => {
  const source = { kind: 'cluster', kubeconfig, context: undefined, namespace, login: {} } as const;
  try {
    const { log, partitionCount, close } = await openLog(source, 'reader', signal);
    try {
      return await foundLog(log, partitionCount);
    } finally {
      await close();
    }
  } catch (error) {
    if (!(error instanceof OutsideError)) throw error;
    if (error.code === 'PLATFORM_REFUSED') {
      const mend = 'Run the doctor as somebody who may, to have NATS looked at.';
      return advised('NATS', error.message, mend);
    }
    const pods = `kubectl -n ${namespace} get pods`;
    return failed('NATS', error.message, `Look at its pods and at the Job set-up: ${pods}.`);
  }
};
