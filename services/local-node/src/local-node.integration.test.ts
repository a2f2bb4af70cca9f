/** What only a real local-node can show: lives and ends of processes, drains, kept objects. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createLocalPlatformAdmin, type LocalPlatformAdmin } from '@flyball/platform';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually, isAlive, readyPods, recordedPids } from './testing/pods-of-node.ts';
import {
  type RunningNode,
  startRunningNode,
  testManifest,
  testToken,
} from './testing/running-node.ts';

const web = 'default/web';
const queueProxy = resolve(import.meta.dirname, '../../queue-proxy/src/main.ts');

describe('local-node', () => {
  let node: RunningNode;
  let admin: LocalPlatformAdmin;
  const connect = (running: RunningNode): void => {
    node = running;
    admin = createLocalPlatformAdmin({ url: running.url, token: testToken });
  };
  const allGone = (pids: readonly number[]) =>
    eventually('that all processes are gone', () => (pids.some(isAlive) ? undefined : true));
  const onlyPod = () => eventually('a pod', async () => (await admin.pods())[0]);
  const text = async (path: string): Promise<string> => {
    const { address } = await onlyPod();
    return (await fetch(`http://${address}${path}`)).text();
  };
  const logOf = (pod = '') => readFile(join(node.folder, 'pods', web, `${pod}.log`), 'utf8');
  const seenCrashed = async () =>
    (await admin.pods()).find((pod) => pod.unreadyReason === 'crashed');
  const crashed = () => eventually('the crash', seenCrashed);
  const untilSlowBegins = (pod?: string) =>
    eventually('a request at work', async () => (await logOf(pod)).includes('slow') || undefined);

  beforeEach(async () => {
    connect(
      await startRunningNode({
        FLYBALL_QUEUE_PROXY_COMMAND: JSON.stringify([process.execPath, queueProxy]),
      }),
    );
  });
  afterEach(async () => {
    await admin.close();
    await node.stop();
  });

  describe('what is left behind', () => {
    it('is nothing after SIGTERM', async () => {
      await admin.apply(testManifest(web, { replicas: 2 }));
      await readyPods(admin, 2);
      const pids = recordedPids(node.folder);
      expect(pids).toHaveLength(2);
      node.signal('SIGTERM');
      expect(await node.exited).toBe(0);
      expect(pids.filter(isAlive)).toEqual([]);
    });

    it('is nothing when the parent is gone', async () => {
      await admin.apply(testManifest(web, { replicas: 1 }));
      await readyPods(admin, 1);
      const pids = recordedPids(node.folder);
      node.disconnect();
      expect(await node.exited).toBe(0);
      expect(pids.filter(isAlive)).toEqual([]);
    });

    it('is ended by the next start after SIGKILL, and the replicas come back', async () => {
      await admin.apply(testManifest(web, { replicas: 1 }));
      await admin.configure({ 'stable-window': '60s' });
      await admin.writeReplicas(web, 2, 'kubectl');
      const before = await readyPods(admin, 2);
      const pids = recordedPids(node.folder);
      node.signal('SIGKILL');
      await node.exited;
      expect(pids.filter(isAlive)).toEqual(pids);
      await admin.close();
      connect(await node.restart());
      expect(pids.filter(isAlive)).toEqual([]);
      const after = await readyPods(admin, 2);
      const names = [...before, ...after].map(({ pod }) => pod);
      expect(new Set(names).size).toBe(4);
      expect(await admin.config()).toEqual({ 'stable-window': '60s' });
      expect(await admin.workloads()).toMatchObject([{ replicas: 2, fieldManager: 'kubectl' }]);
    });

    it('is not mistaken for what a second node on the same folder would find', async () => {
      await admin.apply(testManifest(web, { replicas: 1 }));
      await readyPods(admin, 1);
      const second = startRunningNode({ FLYBALL_NODE_FOLDER: node.folder });
      await expect(second).rejects.toThrow(/another local-node \(pid \d+\) uses/);
      expect(recordedPids(node.folder).filter(isAlive)).toHaveLength(1);
    });

    it('is nothing of a wrapper that died before the processes it had started', async () => {
      const wrapper = 'sleep 600 & echo started; exec sleep 601';
      await admin.apply(testManifest(web, { replicas: 1, command: ['/bin/sh', '-c', wrapper] }));
      const [leader = 0] = await eventually('the wrapper', () => {
        const pids = recordedPids(node.folder);
        return pids.length === 1 ? pids : undefined;
      });
      await onlyPod();
      node.signal('SIGKILL');
      await node.exited;
      process.kill(leader, 'SIGKILL');
      await allGone([leader]);
      await admin.close();
      connect(await node.restart());
      const orphans = () => {
        try {
          return process.kill(-leader, 0);
        } catch {
          // The group has no members any more.
          return false;
        }
      };
      await eventually('the end of the group', () => (orphans() ? undefined : true));
    });
  });

  describe('pods that fail', () => {
    it('restart with waits that grow, their last line shown', async () => {
      const command = [process.execPath, '-e', 'console.log("no luck"); process.exit(3)'];
      await admin.apply(testManifest(web, { replicas: 1, command }));
      const told = /^exit code 3: no luck; starts again in (\d+) ms$/;
      const waitAbove = (leastMs: number) =>
        eventually(`a wait of more than ${leastMs} ms`, async () => {
          const waitMs = Number(told.exec((await onlyPod()).message)?.[1]);
          return waitMs > leastMs ? waitMs : undefined;
        });
      await waitAbove(await waitAbove(await waitAbove(0)));
      expect(await onlyPod()).toMatchObject({ ready: false, unreadyReason: 'crashed' });
    });

    it('say the error that ended them, not what Node writes after it', async () => {
      await admin.apply(testManifest(web, { replicas: 1, command: ['node', 'no-such-file.js'] }));
      const { message } = await crashed();
      expect(message).toMatch(/^exit code 1: Error: Cannot find module '.+no-such-file\.js'; /);
    });

    it('say that their command does not exist', async () => {
      await admin.apply(testManifest(web, { replicas: 1, command: ['no-such-program'] }));
      const { message } = await crashed();
      expect(message).toMatch(/^command not found: no-such-program; install it/);
    });

    it('are not ready while they answer 503', async () => {
      const server = `let [status, probes] = [503, 0]; require('node:http').createServer((q, r) => {
        if (q.headers['user-agent'] === 'flyball-probe') probes += 1;
        if (q.url === '/open') status = 200;
        r.writeHead(status).end(String(probes));
      }).listen(Number(process.env.PORT), process.env.HOST)`;
      const command = [process.execPath, '-e', server];
      await admin.apply(testManifest(web, { replicas: 1, command }));
      const probes = () => text('/').catch(() => 0);
      await eventually('probes', async () => Number(await probes()) > 2 || undefined);
      expect(await onlyPod()).toMatchObject({ ready: false });
      await text('/open');
      await readyPods(admin, 1);
    });
  });

  describe('draining', () => {
    it('lets a request in flight end', async () => {
      await admin.apply(testManifest(web, { replicas: 1 }));
      const [pod] = await readyPods(admin, 1);
      const answer = text('/slow');
      await untilSlowBegins(pod?.pod);
      await admin.writeReplicas(web, 0, 'kubectl');
      const draining = async () => (await onlyPod()).unreadyReason === 'draining' || undefined;
      await eventually('draining', draining);
      expect(await answer).toBe(pod?.pod);
      await readyPods(admin, 0);
    });

    it('kills what does not end by itself, with all that it started', async () => {
      const stubborn = 'trap "" TERM; sleep 600 & wait; sleep 600';
      await admin.apply(testManifest(web, { replicas: 1, command: ['/bin/sh', '-c', stubborn] }));
      await onlyPod();
      const pids = await eventually('the process', () => {
        const recorded = recordedPids(node.folder);
        return recorded.length === 1 ? recorded : undefined;
      });
      await admin.writeReplicas(web, 0, 'kubectl');
      await readyPods(admin, 0);
      expect(pids.filter(isAlive)).toEqual([]);
    });
  });

  it('replaces pods when the template changes, and none before another is ready', async () => {
    await admin.apply(testManifest(web, { replicas: 2 }));
    const before = await readyPods(admin, 2);
    await admin.apply(testManifest(web, { replicas: 2, env: { GREETING: 'hello' } }));
    await eventually('other pods', async () => {
      const ready = (await admin.pods()).filter((pod) => pod.ready);
      expect(ready.length).toBeGreaterThanOrEqual(2);
      const replaced = ready.every(({ pod }) => before.every((old) => old.pod !== pod));
      return replaced ? true : undefined;
    });
    await readyPods(admin, 2);
  });

  it('puts a queue-proxy before a pod that asks for one', async () => {
    const annotations = { 'flyball.dev/queue-proxy': 'true' };
    await admin.apply(testManifest(web, { replicas: 1, annotations, containerConcurrency: 1 }));
    const [pod] = await readyPods(admin, 1);
    expect(pod?.metricsAddress).not.toBeNull();
    expect(await text('/')).toBe(pod?.pod);
    const metrics = await fetch(`http://${pod?.metricsAddress}/metrics`);
    expect(metrics.status).toBe(200);
    const pids = recordedPids(node.folder);
    expect(pids).toHaveLength(2);
    const inFlight = text('/slow');
    await untilSlowBegins(pod?.pod);
    await admin.delete(web);
    expect(await inFlight).toBe(pod?.pod);
    await readyPods(admin, 0);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  describe('bad input', () => {
    const call = (path: string, init: RequestInit, token = testToken) =>
      fetch(`${node.url}${path}`, {
        ...init,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      });

    it.each([
      ['a wrong token', 401, '/v1/workloads', { method: 'GET' }, 'wrong', /Bearer/],
      [
        'no number',
        400,
        `/v1/workloads/${web}/scale`,
        { method: 'PATCH', body: '{"replicas":"2"}' },
        testToken,
        /0 to 10000/,
      ],
      [
        'broken JSON',
        400,
        `/v1/workloads/${web}/scale`,
        { method: 'PATCH', body: '{' },
        testToken,
        /JSON/,
      ],
      [
        'a large body',
        413,
        '/v1/config',
        { method: 'PUT', body: `{"a":"${'x'.repeat(2e6)}"}` },
        testToken,
        /at most 1048576 bytes/,
      ],
      [
        'another name',
        400,
        '/v1/workloads/default/other',
        { method: 'PUT', body: JSON.stringify(testManifest(web)) },
        testToken,
        /default\/other/,
      ],
      ['an unknown path', 404, '/v1/nothing', { method: 'GET' }, testToken, /v1/],
    ])('%s is refused with what is allowed', async (_what, status, path, init, token, allowed) => {
      const answer = await call(path, init, token);
      expect(answer.status).toBe(status);
      const error = (await answer.json()) as { code: string; message: string; allowed: string };
      expect(error).toMatchObject({ code: 'PLATFORM_REFUSED' });
      expect(error.allowed).toMatch(allowed);
    });

    it('a workload without a command is refused, and nothing is kept of it', async () => {
      const { command: _command, ...manifest } = testManifest(web, { image: 'example/web' });
      const init = { method: 'PUT', body: JSON.stringify(manifest) };
      const answer = await call(`/v1/workloads/${web}`, init);
      expect(answer.status).toBe(400);
      expect(await admin.workloads()).toEqual([]);
    });

    it('a port in use is said so at the start', async () => {
      const port = new URL(node.url).port;
      await expect(startRunningNode({ FLYBALL_NODE_PORT: port })).rejects.toThrow(
        /cannot listen on 127\.0\.0\.1:\d+ \(EADDRINUSE\)/,
      );
    });
  });

  it('keeps what a pod writes', async () => {
    await admin.apply(testManifest(web, { replicas: 1 }));
    const [pod] = await readyPods(admin, 1);
    // Told each time it is asked about: it comes back, and later with each crash.
    const { message } = await eventually('the crash', async () => {
      await text('/die').catch(() => undefined);
      return seenCrashed();
    });
    expect(message).toMatch(/^exit code 7: told to die/);
    expect(await logOf(pod?.pod)).toContain('told to die');
  });
});
