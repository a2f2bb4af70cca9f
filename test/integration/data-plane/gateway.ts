/** An activator on a bus of its own: what the tests of the data path begin with. */
import type { Policy, WorkloadKey } from '@flyball/contracts';
import { type Bus, openBus } from './bus.ts';
import { type Asked, ask, hostOf } from './http-ends.ts';
import { createPlatformFacts, type PlatformFacts } from './platform-facts.ts';
import { type RunningProcess, startProcess } from './processes.ts';
import { untilTrue } from './waiting.ts';

export interface Gateway extends AsyncDisposable {
  readonly bus: Bus;
  readonly facts: PlatformFacts;
  readonly activator: RunningProcess;
  /** Where requests are taken; http. */
  readonly url: string;
  /** Asks for `path` of a workload. */
  ask(workload: WorkloadKey, headers?: Record<string, string>): Asked;
  /** Asks this often and waits until the activator holds or has sent on all of it. */
  askAndWait(workload: WorkloadKey, times: number): Promise<Asked[]>;
  /** A new workload at zero, which the activator knows when this resolves. */
  appear(workload: WorkloadKey, policy?: Partial<Policy>): Promise<void>;
}

/** One of the activator's own gauges, without the prefix that all of them have. */
const gaugeAt = async (activator: RunningProcess, name: string): Promise<number> => {
  const { text } = await activator.page('/metrics');
  return Number(new RegExp(`^flyball_activator_${name} (\\S+)$`, 'm').exec(text)?.[1]);
};

/** Held requests that are not accounted for, by the activator's own count; always 0. */
export const imbalanceAt = ({ activator }: Gateway): Promise<number> =>
  gaugeAt(activator, 'ledger_imbalance');

/** Starts NATS and an activator with these settings. */
export const openGateway = async (settings: Record<string, string> = {}): Promise<Gateway> => {
  const bus = await openBus();
  const facts = createPlatformFacts(await bus.connectAs('watcher'));
  const env = { FLYBALL_GATEWAY_PORT: '0', ...bus.envOf('activator'), ...settings };
  const activator = await startProcess('activator', env).catch(async (error: unknown) => {
    await bus[Symbol.asyncDispose]();
    throw error;
  });
  const url = activator.told.gatewayUrl ?? '';
  const askFor: Gateway['ask'] = (workload, headers) => ask(`${url}/`, hostOf(workload), headers);
  return {
    bus,
    facts,
    activator,
    url,
    ask: askFor,
    askAndWait: async (workload, times) => {
      const inFlight = () => gaugeAt(activator, 'in_flight_requests');
      const before = await inFlight();
      const asked = Array.from({ length: times }, () => askFor(workload));
      await untilTrue('all are in flight', async () => (await inFlight()) === before + times);
      return asked;
    },
    appear: async (workload, policy) => {
      const before = await gaugeAt(activator, 'workloads');
      await facts.appear(workload, policy);
      const isKnown = async () => (await gaugeAt(activator, 'workloads')) > before;
      await untilTrue(`the activator knows ${workload}`, isKnown);
    },
    [Symbol.asyncDispose]: async () => {
      await activator[Symbol.asyncDispose]();
      await bus[Symbol.asyncDispose]();
    },
  };
};
