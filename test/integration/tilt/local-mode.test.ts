/** The dev loop on one machine, as Tilt would run it: everything up, restarts, everything ended. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, it } from 'vitest';
import { freePorts } from '../free-ports.ts';
import { runResources } from './run-resources.ts';
import { openEvaluator } from './tiltfile-evaluator.ts';

const limitMs = 240_000;
const stages = ['watcher', 'windower', 'decider', 'actuator', 'collector', 'activator'];

const makePorts = async () => {
  const healthNames = ['local-node', ...stages, 'console'];
  const names = ['gateway', 'nats-server', 'redis-server', 'local-node', 'console'];
  const free = await freePorts(names.length + healthNames.length);
  const health = Object.fromEntries(healthNames.map((name, at) => [name, free[names.length + at]]));
  const others = Object.fromEntries(names.map((name, at) => [name, free[at]]));
  return { ports: { ...others, health }, gateway: others.gateway ?? 0 };
};

const ask = (port: number, host: string): Promise<{ status: number; body: string }> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path: '/?sleep=10', headers: { host } });
    asked.once('error', reject).once('response', (response) => {
      const status = response.statusCode ?? 0;
      text(response).then((body) => resolve({ status, body }), reject);
    });
    asked.end();
  });

it(
  'serves, restarts one service alone, explains, and leaves nothing',
  async ({ skip }) => {
    const evaluator = await openEvaluator();
    if (typeof evaluator === 'string') return skip(evaluator);
    const folder = await mkdtemp(join(tmpdir(), 'flyball-tilt-'));
    const { ports, gateway } = await makePorts();
    await writeFile(join(folder, 'ports.json'), JSON.stringify(ports));
    const data = join(folder, 'data');
    const args = ['--local', `--data=${data}`, `--ports=${join(folder, 'ports.json')}`];
    const evaluated = await evaluator.evaluate([...args, '--only=sample']);
    const host = 'hello.default.localhost';
    try {
      await using running = await runResources(evaluated);
      expect(await ask(gateway, host)).toMatchObject({ status: 200 });
      expect(await running.trigger('explain')).toMatch(/^default\/hello: /);
      for (const name of ['decider', 'activator']) await running.restart(name);
      expect(await ask(gateway, host)).toMatchObject({ status: 200 });
      expect(await running.trigger('get')).toContain('hello');
      expect(await running.trigger('history')).toContain('Decided');
      expect(await running.trigger('verify')).toMatch(/of 1 workload re-decided: 0 differences/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
    await expect(ask(gateway, host)).rejects.toThrow('ECONNREFUSED');
  },
  limitMs,
);
