/** A process that ends before it is ready: told once, and nothing goes on for it. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from './free-port.ts';
import { type ProcessEvent, type ProcessPlan, supervise } from './supervised.ts';

const limitMs = 10_000;

let folder: string;
let port: number;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flyball-supervised-'));
  port = await freePort();
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A store that runs the script. */
const storeOf = (script: string): ProcessPlan => ({
  name: 'store',
  command: process.execPath,
  args: ['-e', script],
  env: {},
  logPath: join(folder, 'store.log'),
  ready: { by: 'port', port },
  readyLimitMs: limitMs,
});

/** How often the port is asked for when all is over: whoever still asks does so every 20 ms. */
const timesAsked = async (): Promise<number> => {
  let times = 0;
  const server = createServer(() => {
    times += 1;
  }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  await wait(300);
  server.close();
  return times;
};

describe('given a store that ends before its port accepts', () => {
  it('when it is supervised, then its end is told and its port is asked for no more', async () => {
    const store = supervise(storeOf('console.error("no room"); process.exit(3)'), () => undefined);
    await expect(store.ready).rejects.toMatchObject({
      code: 'PART_FAILED',
      message: expect.stringMatching(/store ended with exit code 3\..*\n {2}no room/),
    });
    await store.stop();
    expect(await timesAsked()).toBe(0);
  });

  it('when it cannot even be started, then its port is asked for no more', async () => {
    const plan = { ...storeOf(''), command: join(folder, 'nothing') };
    const store = supervise(plan, () => undefined);
    await expect(store.ready).rejects.toThrow(/could not be started/);
    await store.stop();
    expect(await timesAsked()).toBe(0);
  });

  it('when whoever supervises it has nothing else to do, then that process ends', async () => {
    const script = `import { supervise } from './supervised.ts';
      const plan = ${JSON.stringify(storeOf('process.exit(3)'))};
      await supervise(plan, () => undefined).ready.catch(({ code }) => console.log(code));`;
    const args = ['--input-type=module', '-e', script];
    const options = { cwd: import.meta.dirname, timeout: limitMs };
    const { stdout } = await promisify(execFile)(process.execPath, args, options);
    expect(stdout).toBe('PART_FAILED\n');
  });
});

describe('given a store that is ready once and fails at each later start', () => {
  it('when it is started again and again, then nothing asks for its port afterwards', async () => {
    const mark = join(folder, 'ran');
    const script = `const fs = require('node:fs');
      if (fs.existsSync(${JSON.stringify(mark)})) process.exit(4);
      fs.writeFileSync(${JSON.stringify(mark)}, 'once');
      require('node:net').createServer().listen(${port}, '127.0.0.1');`;
    const told: ProcessEvent[] = [];
    const store = supervise(storeOf(script), (event) => told.push(event));
    await store.ready;
    store.restart();
    const failed = () => told.filter((event) => event.kind === 'exited').length;
    await expect.poll(failed).toBeGreaterThanOrEqual(3);
    await store.stop();
    expect(await timesAsked()).toBe(0);
    expect(await readFile(mark, 'utf8')).toBe('once');
  });
});
