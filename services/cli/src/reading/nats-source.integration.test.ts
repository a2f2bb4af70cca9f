/** The reading verbs with `--nats`: any Flyball's log, and what is said where there is none. */
import { createStreams } from '@flyball/event-log';
import { freePort, type RunningNatsServer } from '@flyball/event-log/testing';
import { storyWorkload as workload } from '@flyball/reading/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../context.ts';
import { passwordOf, runVerb, startLogServer, tellStoryTo } from '../testing/log-server.ts';
import { deadLetters } from '../verbs/dead-letters.ts';
import { dropDeadLetters } from '../verbs/dead-letters-settle.ts';
import { explain } from '../verbs/explain.ts';
import { get } from '../verbs/get.ts';
import { history } from '../verbs/history.ts';
import { policy } from '../verbs/policy.ts';
import { replayVerify } from '../verbs/replay-verify.ts';

const output = 'json';
const password = passwordOf('reader');

let server: RunningNatsServer;
let empty: RunningNatsServer;

beforeAll(async () => {
  [server, empty] = await Promise.all([startLogServer(), startLogServer()]);
  await tellStoryTo(server);
});

afterAll(() => Promise.all([server.stop(), empty.stop()]));

const getFrom = (nats: string, env?: Context['env']) =>
  runVerb((context) => get(context, { nats, output, watch: false }), env);

describe('with a log', () => {
  it.each([
    ['explain', (context: Context, nats: string) => explain(context, { nats, workload, output })],
    ['get', (context: Context, nats: string) => get(context, { nats, output, watch: false })],
    [
      'history',
      (context: Context, nats: string) =>
        history(context, { nats, workload, output, follow: false }),
    ],
    ['policy', (context: Context, nats: string) => policy(context, { nats, workload, output })],
    ['replay verify', (context: Context, nats: string) => replayVerify(context, { nats, output })],
    ['dead-letters', (context: Context, nats: string) => deadLetters(context, { nats, output })],
  ])('%s answers, with the password of the environment', async (_, verb) => {
    const env = { FLYBALL_NATS_PASSWORD: password };
    const { code, error, notes, all } = await runVerb((context) => verb(context, server.url), env);
    expect({ code, error, notes }).toEqual({ code: 0, error: undefined, notes: [] });
    expect(all).not.toContain('secret-of');
  });

  it('the URL may say who asks, and the environment the URL', async () => {
    const url = server.url.replace('//', `//reader:${password}@`);
    expect((await getFrom(url)).code).toBe(0);
    const env = { FLYBALL_NATS_URL: server.url, FLYBALL_NATS_PASSWORD: password };
    const told = await runVerb((context) => get(context, { output, watch: false }), env);
    expect(JSON.parse(told.lines.join('\n'))).toMatchObject([{ name: 'web', desiredReplicas: 2 }]);
  });

  it('dead letters are settled as the operator', async () => {
    const settle = (env: Context['env']) =>
      runVerb((context) => dropDeadLetters(context, { nats: server.url, ids: [], all: true }), env);
    const { code, notes } = await settle({ FLYBALL_NATS_PASSWORD: passwordOf('operator') });
    expect({ code, notes }).toEqual({ code: 0, notes: ['There are no dead letters.'] });
    const { error } = await settle({ FLYBALL_NATS_PASSWORD: password });
    expect(error?.message).toMatch(/refused the user operator with this password/);
  });
});

describe('where there is none', () => {
  it('tells that the password is wrong or missing, and never what it was', async () => {
    const wrong = await getFrom(server.url, { FLYBALL_NATS_PASSWORD: 'mistaken' });
    expect(wrong.error).toMatchObject({ code: 'NATS_REFUSED' });
    expect(wrong.all).toContain('refused the user reader with this password. Give the right one');
    expect(wrong.all).not.toContain('mistaken');
    const missing = await getFrom(server.url);
    expect(missing.all).toContain('refused the user reader without a password');
  });

  it('tells that nothing listens', async () => {
    const told = await getFrom(`nats://reader:hidden@127.0.0.1:${await freePort()}`);
    expect(told.error).toMatchObject({ code: 'NATS_UNREACHABLE' });
    expect(told.all).toContain('--cluster');
    expect(told.all).not.toContain('hidden');
  });

  it('tells that this NATS has no Flyball, until it has one', async () => {
    const env = { FLYBALL_NATS_PASSWORD: password };
    const told = await getFrom(empty.url, env);
    expect(told.error).toMatchObject({ code: 'NATS_STREAM_MISSING' });
    expect(told.all).toContain('has no stream EVENTS');
    const login = { user: 'admin', password: passwordOf('admin'), name: 'test' };
    await createStreams({ servers: empty.url, ...login });
    const { code, lines } = await getFrom(empty.url, env);
    expect({ code, lines }).toEqual({ code: 0, lines: ['[]'] });
    const text = await runVerb(
      (context) => get(context, { nats: empty.url, output: 'text', watch: false }),
      env,
    );
    expect(text.notes).toEqual([
      'No workloads yet. A Deployment that is annotated `flyball.dev/enabled: "true"` ' +
        'comes by itself.',
    ]);
  });

  it('refuses what is no URL as a mistake of the command line', async () => {
    expect(await getFrom('http://reader:hidden@a')).toMatchObject({ code: 64, lines: [] });
  });
});
