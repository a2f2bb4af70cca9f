/** Every variable that the manifests set is read by its service, and none is missing. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ConfigSchema, readConfig, settingMeta, variableOf } from '@flyball/service';
import { describe, expect, it } from 'vitest';
import { environmentOf } from './container-environment.ts';
import { objectsOf, overlays, root, servicesOf } from './rendered-overlay.ts';

/** Of another platform, or of a person at a terminal. */
const notHere = new Set(['FLYBALL_PLATFORM_URL', 'FLYBALL_PLATFORM_TOKEN', 'FLYBALL_KUBECONFIG']);
/** Runs on somebody's own machine, or beside a workload's container: the webhook sets those. */
const notDeployed = new Set(['cli', 'local-node', 'queue-proxy']);

const schemaOf = async (service: string): Promise<ConfigSchema> => {
  const path = join(root, 'services', service, 'src/config.ts');
  const module = (await import(/* @vite-ignore */ path)) as Record<string, unknown>;
  const name = Object.keys(module).find((one) => one.endsWith('Config'));
  return module[name ?? ''] as ConfigSchema;
};

/** As some pod would have them. */
const sample = {
  fields: {
    'metadata.name': 'decider-7d9f8c6b5-x2x9v',
    'metadata.namespace': 'flyball-system',
    'status.podIP': '10.244.1.7',
  },
  secret: () => new Proxy({}, { get: () => 'pSecretOfAPod0001' }),
};

/** Defaults that only hold on one machine, and who we are to others. */
const mustBeSaid = (setting: object): boolean => {
  const { written, secret } = settingMeta(setting);
  return written.includes('127.0.0.1') || secret;
};

describe.each(overlays)('%s', (overlay) => {
  const services = servicesOf(objectsOf(overlay));
  const deployed = readdirSync(join(root, 'services')).filter(
    (name) => !notDeployed.has(name) && existsSync(join(root, 'services', name, 'src/main.ts')),
  );

  it('runs every service', () => {
    expect([...services.keys()].sort()).toEqual(deployed.sort());
  });

  it.each([...services])('%s understands what it is told', async (service, container) => {
    const schema = await schemaOf(service);
    const environment = environmentOf(container, sample);
    expect(readConfig(schema, environment)).toMatchObject({ ok: true, warnings: [] });
    const foreign = Object.keys(environment).filter((name) => !/^(FLYBALL|OTEL)_/.test(name));
    const texts = (container.env ?? []).map(({ value = '' }) => value).join(' ');
    for (const name of foreign) expect(texts, `${name} is used`).toContain(`$(${name})`);
  });

  it.each([...services])('%s is told all that has no default here', async (service, container) => {
    const schema = await schemaOf(service);
    const told = new Set((container.env ?? []).map(({ name }) => name));
    const wanted = Object.entries(schema.shape)
      .filter(([key, setting]) => key === 'instance' || mustBeSaid(setting as object))
      .map(([key]) => variableOf(key))
      .filter((name) => !notHere.has(name));
    expect(wanted.filter((name) => !told.has(name))).toEqual([]);
    if ('platform' in schema.shape)
      expect(environmentOf(container, sample).FLYBALL_PLATFORM).toBeDefined();
  });
});

it('a variable that nobody reads is seen', async () => {
  const schema = await schemaOf('decider');
  const env = [{ name: 'FLYBALL_HEALTH_PORTS', value: '1' }];
  const container = { name: 'decider', image: 'flyball/decider:1', env };
  const environment = environmentOf(container, sample);
  expect(readConfig(schema, environment)).toMatchObject({
    warnings: [expect.stringContaining('Did you mean FLYBALL_HEALTH_PORT?')],
  });
});
