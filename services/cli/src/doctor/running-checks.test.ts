/** How a running service is: its own word, with the reasons. */
import { workloadKey } from '@flyball/contracts';
import {
  commonSettings,
  defineConfig,
  defineService,
  readConfig,
  startService,
} from '@flyball/service';
import { expect, it } from 'vitest';
import { checkService, judgePods } from './running-checks.ts';

const configSchema = defineConfig(commonSettings);

const startOne = (readiness: readonly (readonly [string, boolean, string])[]) => {
  const read = readConfig(configSchema, { FLYBALL_LOG_LEVEL: 'silent' });
  if (!read.ok) throw new Error('the settings of this test are wrong');
  const service = defineService({
    name: 'decider',
    configSchema,
    start: async (_config, life) => {
      for (const [name, ok, reason] of readiness) life.readiness(name).set(ok, reason);
    },
  });
  return startService(service, read.config, { onCrash: () => undefined });
};

it('passes a service that is ready', async () => {
  const running = await startOne([['nats', true, 'connected']]);
  const check = await checkService('decider', running.healthUrl, '/data');
  await running.drain();
  expect(check).toMatchObject({ ok: true, found: `ready (${running.healthUrl})` });
});

it('gives the reasons of one that is not', async () => {
  const running = await startOne([
    ['nats', false, 'disconnected'],
    ['leases', true, 'held'],
  ]);
  const check = await checkService('decider', running.healthUrl, '/data');
  await running.drain();
  expect(check).toMatchObject({ ok: false, needed: true, found: 'not ready: nats: disconnected' });
  expect(check.mend).toContain('/data/logs/decider.log');
});

it('says when one does not answer, or has not started', async () => {
  const running = await startOne([]);
  await running.drain();
  const gone = await checkService('decider', running.healthUrl, '/data');
  expect(gone.found).toContain(`does not answer at ${running.healthUrl}`);
  expect(await checkService('decider', undefined, '/data')).toMatchObject({
    ok: false,
    found: 'has not started',
  });
});

it('tells why a pod is not well, and nothing of those that start or drain', () => {
  const pod = {
    workload: workloadKey('default', 'web'),
    ...{ pod: 'web-1', address: null, metricsAddress: null, ready: false, createdAtMs: 0 },
  };
  const starting = { ...pod, unreadyReason: null, message: '' };
  const draining = { ...pod, unreadyReason: 'draining', message: 'replaced' } as const;
  const crashed = { ...pod, unreadyReason: 'crashed', message: 'exit code 1:\nno luck' } as const;
  expect(judgePods('2 pods', [starting, draining])).toMatchObject({ ok: true, found: '2 pods' });
  expect(judgePods('2 pods', [starting, crashed])).toMatchObject({
    ...{ ok: false, needed: false },
    found: '2 pods, 1 not well: web-1: exit code 1: no luck',
    mend: expect.stringContaining('node/pods/default/web of the data folder'),
  });
});
