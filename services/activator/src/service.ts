/** The activator: configuration → connections → its parts → a port that requests come in by. */
import { OutsideError } from '@flyball/contracts';
import { rehearse } from '@flyball/domain';
import type { EventLog } from '@flyball/event-log';
import { defaultProxyLimits, type ProxyServer } from '@flyball/proxy';
import { connectBus, defineService, type Life } from '@flyball/service';
import type { z } from 'zod';
import { activatorConfig } from './config.ts';
import { registerDrain } from './drain.ts';
import { createGateway } from './gateway.ts';
import { createHostReader } from './host-reader.ts';
import { startActivator } from './start-activator.ts';

export type { RequestHooks } from './request-hooks.ts';
export { type ActivatorParts, type RunningActivator, startActivator } from './start-activator.ts';
export type { PodReach, Upstream } from './upstream.ts';

type Config = Readonly<z.infer<typeof activatorConfig>>;

const listen = async (gateway: ProxyServer, config: Config): Promise<string> => {
  const { gatewayHost: host, gatewayPort: port } = config;
  try {
    const bound = await gateway.listen({ host, port });
    return `http://${bound.host.includes(':') ? `[${bound.host}]` : bound.host}:${bound.port}`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const message =
      `The gateway cannot listen on ${host}:${port} (${code}). ` +
      'Choose another port with FLYBALL_GATEWAY_PORT (0 takes a free one), or free that one.';
    throw new OutsideError('PORT_IN_USE', message, { retriable: false, cause: error });
  }
};

/** Without NATS requests flow on, so that its absence must not take the gateway out of the path. */
const stayReadyWithout = (log: EventLog, life: Life): void => {
  const nats = life.readiness('nats');
  log.onStatus((status) => nats.set(true, `NATS: ${status}; requests flow either way`));
};

export const activator = defineService({
  name: 'activator',
  configSchema: activatorConfig,
  start: async (config, life) => {
    rehearse();
    const log = await connectBus(config, life);
    stayReadyWithout(log, life);
    // Until the routes are known every request would be refused: nothing listens before.
    const running = await startActivator({
      log,
      life,
      limits: config,
      tracesRatio: config.tracesRatio,
    });
    const { upstreams, hooks } = running;
    const { domain, trustForwarded, drainDelayMs, drainMs } = config;
    const limits = {
      bodyBytesMax: config.bodyBytesMax,
      headersTimeoutMs: config.headersMsMax,
      bodyIdleTimeoutMs: config.bodyIdleMsMax,
      // A held HTTP/1.1 request has a connection of its own: one too many is to be answered 503.
      connectionsMax: config.heldRequestsMax + defaultProxyLimits.connectionsMax,
    };
    const upstreamOf = upstreams.get;
    const workloadOf = createHostReader(domain, running.hosts.index);
    const options = { domain, trustForwarded, workloadOf, limits, hooks, upstreamOf };
    const gateway = createGateway(options);
    registerDrain({ ...running, gateway, life, drainDelayMs, drainMs });
    life.announce({ gatewayUrl: await listen(gateway, config) });
  },
});
