/** The sample as it runs on a node: a process of its own, asked over HTTP, ended by SIGTERM. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';

const main = join(import.meta.dirname, 'main.js');
const started: ChildProcess[] = [];

const start = (env: Record<string, string>) => {
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  started.push(child);
  return child;
};

const startListening = async () => {
  const child = start({ HOST: '127.0.0.1', PORT: '0' });
  const [line] = await once(child.stdout, 'data');
  const url = /http:\S+/.exec(String(line))?.[0];
  if (url === undefined) throw new Error(`It does not say where it listens: ${line}`);
  return { child, url };
};

const ended = async (child: ChildProcess) => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return child.exitCode;
};

afterEach(async () => {
  for (const child of started.splice(0)) {
    child.kill('SIGKILL');
    await ended(child);
  }
});

test('answers the three lines, in order, for any subset', async () => {
  const { url } = await startListening();
  const ask = async (query: string) => (await fetch(`${url}/${query}`)).text();
  const lines = (await ask('?sleep=100&prime=10000&bloat=5')).split('\n');
  expect(lines).toEqual([
    'Allocated 5 Mb of memory.',
    'The largest prime less than 10000 is 9973.',
    expect.stringMatching(/^Slept for \d{3,}\.\d\d milliseconds\.$/),
    '',
  ]);
  expect(await ask('?bloat=1')).toBe('Allocated 1 Mb of memory.\n');
  expect(await ask('')).toContain('/?sleep=100&prime=10000&bloat=5');
  expect(await ask('healthz')).toBe('ok\n');
});

test('refuses what it cannot do, and says what is allowed', async () => {
  const { url } = await startListening();
  const bad = await fetch(`${url}/?sleep=soon&bloat=1`);
  expect(bad.status).toBe(400);
  expect(await bad.text()).toContain('a whole number from 0 to 300000');
  expect((await fetch(url, { method: 'POST', body: 'x' })).status).toBe(405);
  const heavy = await Promise.all([1, 2, 3].map(() => fetch(`${url}/?bloat=256`)));
  expect(heavy.map((response) => response.status).sort()).toEqual([200, 200, 503]);
});

test('answers quickly asked ones while others sleep and sieve', async () => {
  const { url } = await startListening();
  const order: string[] = [];
  const slow = [...Array.from({ length: 100 }, () => '?sleep=1500'), '?prime=30000000&sleep=1500'];
  const asked = slow.map((query) => fetch(`${url}/${query}`).then(() => order.push('slow')));
  const quick = fetch(`${url}/?prime=100`).then(() => order.push('quick'));
  await Promise.all([...asked, quick]);
  expect(order[0]).toBe('quick');
  expect(order).toHaveLength(102);
});

test('on SIGTERM finishes what was asked, accepts nobody new, ends with 0', async () => {
  const { child, url } = await startListening();
  const idle = await fetch(`${url}/?prime=10`);
  await idle.text();
  const asked = fetch(`${url}/?sleep=400`);
  // The same connection pool: when this is answered, the sleeper before it has been accepted.
  await (await fetch(`${url}/healthz`)).text();
  child.kill('SIGTERM');
  const answered = await asked;
  expect(answered.status).toBe(200);
  expect(answered.headers.get('connection')).toBe('close');
  expect(await answered.text()).toContain('Slept for');
  expect(await ended(child)).toBe(0);
  await expect(fetch(url)).rejects.toThrow();
});

test('says what is wrong with its settings', async () => {
  const child = start({ HOST: '127.0.0.1', PORT: '70000' });
  const [line] = await once(child.stderr, 'data');
  expect(String(line)).toBe('PORT is "70000"; it must be from 0 to 65535.\n');
  expect(await ended(child)).toBe(1);
  const { url } = await startListening();
  const second = start({ HOST: '127.0.0.1', PORT: new URL(url).port });
  const [complaint] = await once(second.stderr, 'data');
  expect(String(complaint)).toContain('The port is in use');
  expect(await ended(second)).toBe(1);
});
