/** The forwarding core alone, with counting and holding but without events, to be measured. */
import { hostOfWorkload } from '@flyball/domain';
import {
  createBalancer,
  createConcurrencyMeter,
  createHoldingBudget,
  createHoldingQueue,
  createProxyServer,
  type HeldRequest,
  proxiedHeader,
  refuse,
} from '@flyball/proxy';

const [listenPort, ...podPorts] = process.argv.slice(2).map(Number);
const host = '127.0.0.1';

const pods = createBalancer();
podPorts.forEach((port, at) => void pods.add({ id: `pod-${at}`, host, port, reachable: true }));
const holding = createHoldingQueue<HeldRequest>({
  acquire: () => pods.acquire(),
  requestsMax: 10_000,
  holdMsMax: 300_000,
  budget: createHoldingBudget({ requestsMax: 50_000, bytesMax: 512 * 1_024 * 1_024 }),
});
pods.attach(holding);
const meter = createConcurrencyMeter({ startMs: Date.now() });
const target = { kind: 'target' as const, pods, holding };
const targets = new Map([[hostOfWorkload('default/app', 'example.com'), target]]);

const server = createProxyServer<typeof target>({
  route: (request) => targets.get(request.host) ?? refuse(404, 'No such workload.'),
  markHeader: proxiedHeader,
  setMark: true,
  trustForwarded: false,
  hooks: {
    onStart: () => meter.enter(Date.now()),
    onEnd: () => meter.leave(Date.now()),
  },
});
await server.listen({ host, port: listenPort ?? 0 });
