/** The local platform passes the contract: a real local-node with real pods. */
import { createLocalPlatform, createLocalPlatformAdmin } from '@flyball/platform';
import { platformContract } from '@flyball/platform/contract';
import { startRunningNode, testManifest, testToken } from './testing/running-node.ts';

platformContract('local', async () => {
  const node = await startRunningNode();
  const access = { url: node.url, token: testToken };
  const platform = createLocalPlatform({ ...access, callTimeoutMs: 1_000, silenceMaxMs: 2_000 });
  const admin = createLocalPlatformAdmin(access);
  return {
    platform,
    apply: async (workload, replicas) => {
      await admin.apply(testManifest(workload, { replicas }), 'kubectl');
    },
    delete: async (workload) => {
      await admin.delete(workload);
    },
    configure: (config) => admin.configure(config),
    writeReplicas: async (workload, replicas, fieldManager) => {
      await admin.writeReplicas(workload, replicas, fieldManager);
    },
    letPodsStart: async () => undefined,
    crash: async (name) => {
      const pods = await admin.pods();
      const address = pods.find((pod) => pod.pod === name)?.address;
      // The process ends in the middle of this request: an error is its answer.
      await fetch(`http://${address}/die`).catch(() => undefined);
    },
    blind: async () => node.signal('SIGSTOP'),
    heal: async () => node.signal('SIGCONT'),
    stop: async () => {
      await platform.close();
      await admin.close();
      await node.stop();
    },
  };
});
