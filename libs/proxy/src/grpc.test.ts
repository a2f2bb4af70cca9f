/** gRPC end to end, by the library that most clients in this language use. */

import { status as code } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { freePort, startGate, startTcp, until } from './loopback-fixture.ts';
import { refuse } from './refusal.ts';
import { startTalk, talkClient } from './testing/grpc-talk.ts';

/** Everything that a stream says, and how it ended. */
const listenTo = (call: {
  on(event: 'data', heard: (text: string) => void): unknown;
  on(event: 'error', heard: (error: { code: number }) => void): unknown;
  on(event: 'status', heard: (status: { code: number }) => void): unknown;
}) => {
  const heard = { texts: [] as string[], status: -1 };
  call.on('data', (text) => heard.texts.push(text));
  call.on('error', () => undefined);
  call.on('status', (status) => {
    heard.status = status.code;
  });
  return heard;
};

describe('calls', () => {
  test('a unary call, a stream of answers, and talking both ways', async () => {
    const { port, ends, pods } = await startGate({ ports: [(await startTalk()).port] });
    const client = talkClient(port);
    expect(await client.say('hello')).toBe('hello!');
    const counted = listenTo(client.raw.count('3'));
    await until('the count', () => counted.status === code.OK);
    expect(counted.texts).toEqual(['1', '2', '3']);
    const chat = client.raw.chat();
    const heard = listenTo(chat);
    for (const text of ['a', 'b']) {
      chat.write(text);
      await until(`the answer to ${text}`, () => heard.texts.includes(`${text}!`));
    }
    expect(pods.inFlight).toBe(1);
    chat.end();
    await until('the end', () => heard.status === code.OK);
    expect(pods.inFlight).toBe(0);
    expect(ends).toEqual(['200 answered', '200 answered', '200 answered']);
  });

  test('an error of the service reaches its client as it was', async () => {
    const error = { code: code.ALREADY_EXISTS, details: 'there is one: 100 % sure, ü' };
    const talk = await startTalk({ say: (_call, done) => done(error) });
    const { port } = await startGate({ ports: [talk.port] });
    await expect(talkClient(port).say('x')).rejects.toMatchObject(error);
  });

  test('the service ends a call in the middle of what its client says', async () => {
    const talk = await startTalk({
      chat: (call) => call.once('data', () => call.emit('error', { code: code.ABORTED })),
    });
    const { port, server } = await startGate({ ports: [talk.port] });
    const chat = talkClient(port).raw.chat();
    const heard = listenTo(chat);
    chat.write('one');
    await until('the end', () => heard.status === code.ABORTED);
    await until('it is settled', () => server.inFlight === 0);
  });

  test('cancelling and a deadline reach the service, and free the slot', async () => {
    const cancelled: string[] = [];
    let talking = false;
    const talk = await startTalk({
      say: (call) => call.on('cancelled', () => cancelled.push('say')),
      chat: (call) => {
        talking = true;
        call.on('cancelled', () => cancelled.push('chat'));
      },
    });
    const { port, pods, ends } = await startGate({ ports: [talk.port] });
    const client = talkClient(port);
    await expect(client.say('slow', 100)).rejects.toMatchObject({ code: code.DEADLINE_EXCEEDED });
    const chat = client.raw.chat();
    listenTo(chat);
    chat.write('x');
    await until('it arrives', () => talking);
    chat.cancel();
    await until('the service hears of both', () => cancelled.length === 2);
    expect(cancelled).toEqual(['say', 'chat']);
    await until('the slots are free', () => pods.inFlight === 0);
    // The service keeps the deadline as well: whose word of it is first is not ours to say.
    await until('both have ended', () => ends.length === 2);
    expect(ends[0]).toMatch(/ (abandoned|answered)$/);
    expect(ends[1]).toMatch(/ abandoned$/);
  });

  test('large messages go both ways, whole', async () => {
    const talk = await startTalk();
    const { port } = await startGate({ ports: [talk.port] });
    const large = 'x'.repeat(3_000_000);
    expect(await talkClient(port).say(large)).toBe(`${large}!`);
  });
});

describe('at zero', () => {
  test('calls are held and served when the service comes', async () => {
    const podPort = await freePort();
    const gate = await startGate({ ports: [podPort], probe: true, holding: {} });
    const client = talkClient(gate.port);
    const said = client.say('early');
    const chat = client.raw.chat();
    const heard = listenTo(chat);
    chat.write('held');
    await until('both are held', () => gate.holding?.ledger.waiting === 2);
    await startTalk({}, podPort);
    expect(await said).toBe('early!');
    await until('the answer', () => heard.texts.includes('held!'));
    chat.end();
    await until('the end', () => heard.status === code.OK);
    expect(gate.holds).toEqual(['released', 'released']);
  });

  test.each([
    ['too many wait: UNAVAILABLE', { requestsMax: 1 }, code.UNAVAILABLE],
    ['held too long: DEADLINE_EXCEEDED', { holdMsMax: 50 }, code.DEADLINE_EXCEEDED],
  ])('%s', async (_what, holding, expected) => {
    const gate = await startGate({ holding });
    const client = talkClient(gate.port);
    const calls = [client.say('one'), client.say('two')].map((call) =>
      call.then(
        () => 'answered',
        (error: { code: number }) => error.code,
      ),
    );
    expect(await Promise.race(calls)).toBe(expected);
    gate.holding?.shedAll();
    await Promise.all(calls);
  });

  test('who gives up while it is held is abandoned', async () => {
    const gate = await startGate({ holding: {} });
    const said = talkClient(gate.port).say('x', 100);
    await expect(said).rejects.toMatchObject({ code: code.DEADLINE_EXCEEDED });
    await until('it is abandoned', () => gate.holding?.ledger.abandoned === 1);
    expect(gate.server.inFlight).toBe(0);
  });
});

describe('failures', () => {
  test.each([
    ['nobody is there', 503, code.UNAVAILABLE],
    ['no such workload', 404, code.UNIMPLEMENTED],
    ['too large', 413, code.RESOURCE_EXHAUSTED],
  ])('a refusal, %s (%i), has a gRPC status and the sentence', async (what, status, expected) => {
    const route = () => refuse(status, `Because ${what}: 100 %.`);
    const { port } = await startGate({ server: { route } });
    await expect(talkClient(port).say('x')).rejects.toMatchObject({
      code: expected,
      details: `Because ${what}: 100 %.`,
    });
  });

  test('a pod that speaks no HTTP/2: UNAVAILABLE, and others are served', async () => {
    const pod = await startTcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { port, server } = await startGate({ ports: [pod.port] });
    await expect(talkClient(port).say('x')).rejects.toMatchObject({ code: code.UNAVAILABLE });
    expect(server.inFlight).toBe(0);
  });

  test('a pod that dies in the middle of an answer: UNAVAILABLE', async () => {
    const talk = await startTalk({ count: (call) => void call.write('1') });
    const { port, server } = await startGate({ ports: [talk.port] });
    const heard = listenTo(talkClient(port).raw.count('9'));
    await until('it begins', () => heard.texts.length === 1);
    talk.server.forceShutdown();
    await until('the end', () => heard.status >= 0);
    expect([code.UNAVAILABLE, code.CANCELLED]).toContain(heard.status);
    await until('it is settled', () => server.inFlight === 0);
  });

  test('a pod that is too slow: DEADLINE_EXCEEDED', async () => {
    const talk = await startTalk({ say: () => undefined });
    const target = { responseStartTimeoutMs: 100 };
    const { port } = await startGate({ ports: [talk.port], target });
    await expect(talkClient(port).say('x')).rejects.toMatchObject({
      code: code.DEADLINE_EXCEEDED,
      details: 'The pod took longer to answer than allowed.',
    });
  });
});

test('draining: calls that run end well, new ones go elsewhere', async () => {
  const { port, server } = await startGate({ ports: [(await startTalk()).port] });
  const client = talkClient(port);
  const chat = client.raw.chat();
  const heard = listenTo(chat);
  chat.write('one');
  await until('the answer', () => heard.texts.length === 1);
  const drained = server.drain({ graceMs: 4_000 });
  await expect(talkClient(port).say('late')).rejects.toMatchObject({ code: code.UNAVAILABLE });
  chat.write('two');
  await until('it goes on', () => heard.texts.length === 2);
  chat.end();
  expect(await drained).toEqual({ cut: 0 });
  expect(heard.status).toBe(code.OK);
});
