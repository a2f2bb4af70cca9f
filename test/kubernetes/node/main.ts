/** A node for tests, as a process: pods bound to it run as processes of this machine. */
import { mkdir } from 'node:fs/promises';
import { delimiter, dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { connectApi } from '../api/api-client.ts';
import { createAddresses, nodesMax } from './addresses.ts';
import { readCommands } from './commands.ts';
import { createPodFollower } from './follow-pods.ts';
import { podOf } from './pod-object.ts';
import { leaseEveryMs, registerNode, removeNode, renewLease } from './registration.ts';
import { servePortForward } from './serve-port-forward.ts';

const registerLimitMs = 30_000;
const tryAgainMs = 200;

const usage = `node test/kubernetes/node/main.ts --kubeconfig FILE --folder DIR
  --name NAME      of the node (flyball-test-1)
  --number N       1 to ${nodesMax}, which addresses its pods get: 10.244.(16 N).0/20 (1)
  --commands FILE  images and how to start them (commands.yaml beside this file)
`;

const { values } = parseArgs({
  options: {
    kubeconfig: { type: 'string' },
    folder: { type: 'string' },
    name: { type: 'string', default: 'flyball-test-1' },
    number: { type: 'string', default: '1' },
    commands: { type: 'string' },
  },
});
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
const { kubeconfig, folder, name } = values;
const number = Number(values.number);
const numberIsRight = Number.isInteger(number) && number >= 1 && number <= nodesMax;
if (kubeconfig === undefined || folder === undefined || !numberIsRight) {
  tell(usage);
  process.exit(64);
}

await mkdir(folder, { recursive: true });
const api = await connectApi(kubeconfig);
const addresses = createAddresses(number);
const { HOME = '', TMPDIR = '', PATH = '' } = process.env;
const follower = createPodFollower({
  ...{ api, name, addresses, folder },
  commands: await readCommands(values.commands),
  // `node` in a command is the Node that runs us.
  env: { HOME, TMPDIR, PATH: `${dirname(process.execPath)}${delimiter}${PATH}` },
  onTrouble: (what, error) => tell(`${what}: ${error instanceof Error ? error.message : error}`),
});

const port = await servePortForward({
  host: addresses.own,
  addressOf: async (namespace, pod) => {
    const { status } = podOf(await api.get(`/api/v1/namespaces/${namespace}/pods/${pod}`));
    return z.string().parse(status.podIP);
  },
});

/** The API server may be about to start. */
const untilRegistered = async (): Promise<void> => {
  const deadlineMs = performance.now() + registerLimitMs;
  for (;;) {
    try {
      await registerNode(api, name, addresses, port);
      return await renewLease(api, name);
    } catch (error) {
      if (performance.now() > deadlineMs) throw error;
      await new Promise((resolve) => setTimeout(resolve, tryAgainMs));
    }
  }
};

const over = new AbortController();
const end = async (): Promise<void> => {
  if (over.signal.aborted) return;
  over.abort();
  await follower.killAll();
  // The cluster may be gone before its node, which is no trouble.
  await removeNode(api, name).catch(() => undefined);
  process.exit(0);
};
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());

await untilRegistered();
setInterval(() => {
  renewLease(api, name).catch((error: unknown) => tell(`the lease: ${error}`));
}, leaseEveryMs);
tell(`${name} takes pods.`);
await follower.follow(over.signal);
