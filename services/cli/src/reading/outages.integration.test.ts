/** Following a log: what is said when NATS goes away, and when the Flyball behind it has ended. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storyWorkload as workload } from '@flyball/reading/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { passwordOf, startLogServer, tellStoryTo } from '../testing/log-server.ts';
import { runRecordOf } from '../testing/run-record.ts';
import { openDataFolder } from '../up/data-folder.ts';
import { identify } from '../up/process-identity.ts';
import { history } from '../verbs/history.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const startServer = async () => {
  const server = await startLogServer();
  cleanUps.push(() => server.stop());
  await tellStoryTo(server);
  return server;
};

const startSupervisor = () => {
  const child = spawn('sleep', ['60']);
  const ended = once(child, 'exit');
  const end = async () => {
    child.kill();
    await ended;
  };
  cleanUps.push(end);
  const supervisor = identify('flyball', child.pid ?? 0);
  if (supervisor === undefined) throw new Error('sleep does not run');
  return { supervisor, end };
};

/** A data folder as the supervisor would have left it. */
const recordRun = async (natsUrl: string) => {
  const path = await mkdtemp(join(tmpdir(), 'flyball-outages-'));
  cleanUps.push(() => rm(path, { recursive: true, force: true }));
  const { supervisor, end } = startSupervisor();
  const data = await openDataFolder(path);
  await data.secrets();
  const givenNatsLogin = { user: 'reader', password: passwordOf('reader') };
  await data.writeRun(runRecordOf(supervisor, { natsUrl, givenNatsLogin }));
  return { path, end };
};

const follow = (data: string) => {
  const terminal = captureTerminal();
  const ending = new AbortController();
  const context = {
    ...{ terminal, env: {}, signal: ending.signal },
    input: () => Promise.resolve(''),
  };
  const code = history(context, { data, workload, output: 'text', follow: true });
  return { terminal, code, end: () => ending.abort() };
};

it('ends with NOT_RUNNING when its Flyball has ended', async () => {
  const server = await startServer();
  const running = await recordRun(server.url);
  const { terminal, code } = follow(running.path);
  await vi.waitFor(() => expect(terminal.lines).not.toEqual([]), 10_000);
  await running.end();
  await expect(code).rejects.toThrow(/has ended.*\[NOT_RUNNING\]/);
});

it('says that NATS is away, and goes on until Ctrl-C', async () => {
  const server = await startServer();
  const { terminal, code, end } = follow((await recordRun(server.url)).path);
  await vi.waitFor(() => expect(terminal.lines).not.toEqual([]), 10_000);
  expect(terminal.notes).toEqual([]);
  await server.stop();
  const away = ['NATS does not answer; this goes on when it does.'];
  await vi.waitFor(() => expect(terminal.notes).toEqual(away), 10_000);
  end();
  expect(await code).toBe(0);
});
