/** One pod from its begin to its end: an address, its containers, its status. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type ApiClient, isStale } from '../api/api-client.ts';
import type { Addresses } from './addresses.ts';
import { type Commands, commandOf, expand } from './commands.ts';
import { type Container, runContainer } from './container.ts';
import { type EnvSources, environmentOf } from './container-env.ts';
import { type ContainerSpec, type PodObject, podPath } from './pod-object.ts';
import { reportStatus } from './pod-status.ts';
import { askPreStop } from './probe.ts';

const graceUnlessSaidSeconds = 30;

export interface NodeContext {
  readonly api: ApiClient;
  readonly name: string;
  readonly addresses: Addresses;
  readonly commands: Commands;
  /** The output of each container goes there. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  readonly onTrouble: (what: string, error: unknown) => void;
}

export interface PodRun {
  /** Its object was deleted: preStop hooks, SIGTERM, its grace, SIGKILL; then the object goes. */
  end(pod: PodObject): Promise<void>;
  /** Its object is gone already, or the node ends. */
  kill(): Promise<void>;
}

/** Removes the object of a pod that runs no more; it stays until its node says so. */
export const forgetPod = async (api: ApiClient, pod: PodObject): Promise<void> => {
  const preconditions = { uid: pod.metadata.uid };
  const options = { gracePeriodSeconds: 0, preconditions };
  await api.delete(podPath(pod), options).catch((error: unknown) => {
    if (!isStale(error)) throw error;
  });
};

const planOf = (container: ContainerSpec, sources: EnvSources, commands: Commands) => async () => {
  const env = await environmentOf(container, sources);
  const command = commandOf(container, commands).map((text) => expand(text, env));
  return { command, env };
};

/** Starts all containers of the pod at once. */
export const runPod = (context: NodeContext, pod: PodObject): PodRun => {
  const { api, addresses, commands, folder, name: nodeName, env: base } = context;
  const podAddress = addresses.take();
  const { metadata, spec } = pod;
  const what = `${metadata.namespace}/${metadata.name}`;
  const sources = { api, pod, podAddress, nodeAddress: addresses.own, nodeName, base };
  const containers: Container[] = [];
  const status = { pod, containers, podAddress, nodeAddress: addresses.own };
  const reporter = reportStatus(api, { ...status, startedAtMs: Date.now() }, (error) =>
    context.onTrouble(`the status of ${what}`, error),
  );
  for (const container of spec.containers) {
    const log = `${metadata.namespace}_${metadata.name}_${container.name}.log`;
    containers.push(
      runContainer({
        ...{ spec: container, restartPolicy: spec.restartPolicy, podAddress },
        logPath: join(folder, log),
        plan: planOf(container, sources, commands),
        onChange: () => reporter.changed(),
      }),
    );
  }
  const endContainer = async (container: Container, graceMs: number): Promise<void> => {
    if (graceMs > 0) await askPreStop(container.spec, podAddress, graceMs);
    container.signal('SIGTERM');
  };
  const finish = async (graceMs: number): Promise<void> => {
    const gone = Promise.all(containers.map((container) => container.ended()));
    for (const container of containers) void endContainer(container, graceMs);
    const late = wait(graceMs, 'late' as const, { ref: false });
    if ((await Promise.race([gone, late])) === 'late') {
      for (const container of containers) container.signal('SIGKILL');
    }
    await gone;
    await reporter.close();
    addresses.release(podAddress);
  };
  let finished: Promise<void> | undefined;
  return {
    end: async (deleted) => {
      const seconds = deleted.metadata.deletionGracePeriodSeconds ?? graceUnlessSaidSeconds;
      if (finished !== undefined) return finished;
      finished = finish(seconds * 1_000);
      await finished;
      await forgetPod(api, deleted);
    },
    kill: () => {
      for (const container of containers) container.signal('SIGKILL');
      finished ??= finish(0);
      return finished;
    },
  };
};
