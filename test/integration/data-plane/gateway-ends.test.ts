/** How an activator ends: drained in order, or killed, and what is left of it either way. */
import { describe, expect, test } from 'vitest';
import { openBus } from './bus.ts';
import { type Gateway, openGateway } from './gateway.ts';
import { startPod } from './http-ends.ts';
import { startProcess } from './processes.ts';
import { untilTrue } from './waiting.ts';

const heartbeatsOf = async ({ bus }: Gateway): Promise<readonly string[]> =>
  bus.admin.leases.keys('activator.>');

describe('SIGTERM', () => {
  test('not ready, then the last answers, the ledger, and the heartbeat', async () => {
    await using gateway = await openGateway({
      FLYBALL_DRAIN_DELAY_MS: '3000',
      FLYBALL_DRAIN_MS: '1500',
    });
    await using pod = await startPod();
    const [busy, waiting] = ['default/busy', 'default/waiting'] as const;
    await gateway.appear(busy);
    await gateway.appear(waiting);
    await gateway.facts.addPod(busy, 'busy-1', pod.port);
    const [slow] = await gateway.askAndWait(busy, 1);
    const [held] = await gateway.askAndWait(waiting, 1);
    expect(await heartbeatsOf(gateway)).toHaveLength(1);
    gateway.activator.child.kill('SIGTERM');
    await untilTrue('it is not ready', async () => {
      return (await gateway.activator.page('/readyz')).status === 503;
    });
    const late = gateway.ask(busy);
    await untilTrue('it still takes requests', () => pod.inFlight === 2);
    pod.free();
    expect((await slow?.answer)?.status).toBe(200);
    expect((await late.answer).status).toBe(200);
    expect(await held?.answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(await gateway.activator.ended()).toBe(0);
    await untilTrue('the ledger is told', () => gateway.bus.ledgerOf(waiting).shed === 1);
    expect(gateway.bus.ledgerOf(waiting)).toMatchObject({ held: 1, waiting: 0, imbalance: 0 });
    expect(await heartbeatsOf(gateway)).toEqual([]);
  });

  test('what is held finds a pod that comes during the drain', async () => {
    await using gateway = await openGateway({ FLYBALL_DRAIN_MS: '5000' });
    await using pod = await startPod();
    pod.free();
    await gateway.appear('default/saved');
    const [held] = await gateway.askAndWait('default/saved', 1);
    gateway.activator.child.kill('SIGTERM');
    await gateway.facts.addPod('default/saved', 'saved-1', pod.port);
    expect((await held?.answer)?.status).toBe(200);
    expect(await gateway.activator.ended()).toBe(0);
    await untilTrue('it is told', () => gateway.bus.ledgerOf('default/saved').released === 1);
  });

  test('without NATS it ends too, and leaves its heartbeat for the watcher', async () => {
    await using gateway = await openGateway({ FLYBALL_DRAIN_MS: '200' });
    await gateway.appear('default/untold');
    await gateway.askAndWait('default/untold', 1);
    await untilTrue('it is told', () => gateway.bus.ledgerOf('default/untold').waiting === 1);
    await gateway.bus.server.signal('SIGKILL');
    gateway.activator.child.kill('SIGTERM');
    expect(await gateway.activator.ended()).toBe(0);
    await gateway.bus.server.restart();
    expect(await heartbeatsOf(gateway)).toHaveLength(1);
    expect(gateway.bus.ledgerOf('default/untold')).toMatchObject({ held: 1, waiting: 1 });
  });
});

test('SIGKILL leaves the heartbeat, and the last count says what was held', async () => {
  await using gateway = await openGateway();
  await gateway.appear('default/lost');
  await gateway.askAndWait('default/lost', 2);
  await untilTrue('it is told', () => gateway.bus.ledgerOf('default/lost').waiting === 2);
  gateway.activator.child.kill('SIGKILL');
  await gateway.activator.ended();
  const keys = await heartbeatsOf(gateway);
  const source = gateway.bus.eventsOf('default/lost').at(-1)?.source ?? '';
  expect(keys).toEqual([`activator.${source.slice(source.lastIndexOf('/') + 1)}`]);
});

describe('a start that cannot succeed', () => {
  test('a port that is taken: the error names it and says what to do', async () => {
    await using gateway = await openGateway();
    const port = new URL(gateway.url).port;
    const env = { ...gateway.bus.envOf('activator'), FLYBALL_GATEWAY_PORT: port };
    const second = startProcess('activator', { ...env, FLYBALL_INSTANCE: '2' });
    await expect(second).rejects.toThrow(/ended with 69.*FLYBALL_GATEWAY_PORT/s);
  });

  test('a log that cannot be read: nothing listens', async () => {
    await using bus = await openBus();
    const env = { ...bus.envOf('activator'), FLYBALL_NATS_PASSWORD: 'wrong' };
    await expect(startProcess('activator', env)).rejects.toThrow(/ended with 69.*NATS_REFUSED/s);
  });
});
