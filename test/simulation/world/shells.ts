/** The services' own start functions, given simulated connections. */
import { type PodReach, type RunningActivator, startActivator } from '@flyball/activator';
import { startActuator } from '@flyball/actuator';
import { startDecider } from '@flyball/decider';
import type { EventLog, MemoryEventLog } from '@flyball/event-log';
import type { Platform } from '@flyball/platform';
import type { Life } from '@flyball/service';
import { startWatcher } from '@flyball/watcher';
import type { WindowStore } from '@flyball/window-store';
import { startWindower } from '@flyball/windower';
import type { ShellName } from '../plan.ts';
import type { Gateway } from './gateway.ts';
import type { Pods } from './pods.ts';
import type { Process } from './process.ts';

/** Short, so that a run of seconds meets it. */
const mirrorCheckEveryMs = 5_000;
const holdMsMax = 8_000;

export interface Connected {
  /** To be cut and restored. */
  readonly link: MemoryEventLog;
  readonly log: EventLog;
  readonly platform: Platform;
  readonly windows: WindowStore;
  readonly process: Process;
  readonly pods: Pods;
  gateway: Gateway | undefined;
}

const reachOf = ({ process, pods }: Connected): PodReach => ({
  clock: process.clock,
  seekContact: ({ host, port, onReachable }) => {
    let sought = true;
    const reached = async (): Promise<void> => {
      await process.gate();
      if (sought) onReachable(1);
    };
    const cancel = pods.seekContact(`${host}:${port}`, () => void reached());
    return () => {
      sought = false;
      cancel();
    };
  },
});

/** Begins a shell; an activator is given back, so that requests can be brought to it. */
export const startShell = async (
  shell: ShellName,
  life: Life,
  connected: Connected,
  keepEveryMs: number,
): Promise<RunningActivator | undefined> => {
  const { log, platform, windows: store, process } = connected;
  life.onClose('log', () => log.close());
  switch (shell) {
    case 'windower':
      await startWindower({ log, store, life, mirrorCheckEveryMs });
      return undefined;
    case 'decider':
      await startDecider({ log, life });
      return undefined;
    case 'actuator':
      await startActuator({ log, platform, life, patchesMax: 64 });
      return undefined;
    case 'watcher':
      await startWatcher({ log, keeper: log, platform, life, keepEveryMs });
      return undefined;
    case 'activator':
      return startActivator({
        log,
        life,
        limits: {
          heldRequestsMax: 1_000,
          heldBytesMax: 1_000_000,
          heldPerWorkloadMax: 500,
          holdMsMax,
        },
        reach: reachOf(connected),
        soon: (task) => void process.clock.after(0, task),
      });
  }
};
