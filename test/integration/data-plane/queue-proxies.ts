/** A queue-proxy before a port of 127.0.0.1. */
import { type RunningProcess, startProcess } from './processes.ts';

export interface RunningQueueProxy extends AsyncDisposable {
  readonly process: RunningProcess;
  readonly url: string;
  readonly healthUrl: string;
  readonly metricsPort: number;
}

/** Starts one on free ports. */
export const startQueueProxy = async (
  podPort: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningQueueProxy> => {
  const process = await startProcess('queue-proxy', {
    FLYBALL_QUEUE_LISTEN: '127.0.0.1:0',
    FLYBALL_QUEUE_TARGET: `127.0.0.1:${podPort}`,
    ...settings,
  });
  const { listenUrl = '', healthUrl = '' } = process.told;
  return {
    process,
    url: listenUrl,
    healthUrl,
    metricsPort: Number(new URL(healthUrl).port),
    [Symbol.asyncDispose]: () => process[Symbol.asyncDispose](),
  };
};
