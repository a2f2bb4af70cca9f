/** The platform in memory passes the contract. */
import { platformContract } from './contract.ts';
import { createMemoryPlatform } from './memory.ts';

platformContract('memory', async () => {
  const platform = createMemoryPlatform();
  return {
    platform,
    apply: async (workload, replicas) => {
      platform.apply({
        workload,
        annotations: {},
        containerConcurrency: 0,
        timeoutSeconds: 300,
        reachable: true,
        replicas,
      });
    },
    delete: async (workload) => platform.delete(workload),
    configure: async (config) => platform.configure(config),
    writeReplicas: async (workload, replicas, fieldManager) => {
      platform.writeReplicas(workload, replicas, fieldManager);
    },
    letPodsStart: async () => platform.makeReady(),
    crash: async (pod) => platform.crash(pod, 'exit code 1: out of luck'),
    blind: async () => platform.blind('the platform in memory was made blind'),
    heal: async () => platform.heal(),
    stop: () => platform.close(),
  };
});
