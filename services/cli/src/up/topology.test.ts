/** Who is told where traces go: the stages that tell any, and no pod. */
import { describe, expect, it } from 'vitest';
import { serviceEnvironment, type Topology, watchedServices } from './topology.ts';

const otel = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318' };

const topologyOf = (changes: {
  readonly telling?: Topology['telling'];
  readonly consolePort?: number;
}): Topology => {
  const folder = { path: '/data', logs: '/data/logs', nats: '/n', redis: '/r', node: '/node' };
  const nats = { reader: 'of the reader', decider: 'of the decider' };
  const secrets = { nats, redis: '', platform: '' } as unknown as Topology['secrets'];
  return {
    data: folder as Topology['data'],
    secrets,
    endpoints: {
      ...{ natsUrl: 'nats://127.0.0.1:4222', givenNatsLogin: undefined, redisUrl: 'redis://' },
      ...{ platformUrl: 'http://127.0.0.1:1', platformPort: 1, gatewayHost: '127.0.0.1' },
      ...{ gatewayPort: 8080, domain: 'example.com', consolePort: changes.consolePort },
    },
    ...{ logLevel: 'info', inherited: {}, telling: changes.telling },
  };
};

const toldIn = (topology: Topology, name: string) =>
  [...watchedServices, 'local-node' as const].filter(
    (service) => serviceEnvironment(service, topology)[name] !== undefined,
  );

describe('with traces', () => {
  const topology = topologyOf({ telling: otel, consolePort: 8090 });

  it('the stages of a request’s way tell the console', () => {
    const names = ['activator', 'actuator', 'decider', 'windower'];
    expect(toldIn(topology, 'FLYBALL_TRACES_URL').toSorted()).toEqual(names);
    const { FLYBALL_TRACES_URL: url } = serviceEnvironment('decider', topology);
    expect(url).toBe('http://127.0.0.1:8090');
  });

  it('every stage has what the user said of OpenTelemetry, and no pod has', () => {
    const told = toldIn(topology, 'OTEL_EXPORTER_OTLP_ENDPOINT');
    expect(told).toEqual(watchedServices.filter((name) => name !== 'console'));
  });

  it('without a console only that', () => {
    const without = topologyOf({ telling: otel });
    expect(toldIn(without, 'FLYBALL_TRACES_URL')).toEqual([]);
    expect(toldIn(without, 'OTEL_EXPORTER_OTLP_ENDPOINT')).toHaveLength(6);
  });
});

it('without traces nobody tells anybody', () => {
  const topology = topologyOf({ consolePort: 8090 });
  for (const name of ['FLYBALL_TRACES_URL', 'OTEL_EXPORTER_OTLP_ENDPOINT']) {
    expect(toldIn(topology, name)).toEqual([]);
  }
});

it('the console reads as the reader, and listens on the loopback', () => {
  expect(serviceEnvironment('console', topologyOf({ consolePort: 8090 }))).toMatchObject({
    ...{ FLYBALL_NATS_USER: 'reader', FLYBALL_NATS_PASSWORD: 'of the reader' },
    ...{ FLYBALL_CONSOLE_HOST: '127.0.0.1', FLYBALL_CONSOLE_PORT: '8090' },
  });
});
