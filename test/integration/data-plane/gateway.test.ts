/** The activator as a process before real pods: held, released, spread, counted and told of. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { RecordedEvent, WorkloadKey } from '@flyball/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Gateway, imbalanceAt, openGateway } from './gateway.ts';
import { type Asked, ask, startPod } from './http-ends.ts';
import { until, untilTrue } from './waiting.ts';

const traceparent = '00-11111111111111111111111111111111-2222222222222222-01';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await openGateway();
});
afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
});

const statusesOf = (asked: readonly Asked[]): Promise<number[]> =>
  Promise.all(asked.map(async ({ answer }) => (await answer).status));

const found = <Type extends RecordedEvent['type']>(workload: WorkloadKey, type: Type) =>
  gateway.bus
    .eventsOf(workload)
    .filter((event): event is Extract<RecordedEvent, { type: Type }> => event.type === type);

/** The ledger that the events tell, once it says that so many were held and none waits. */
const settledLedger = (workload: WorkloadKey, held: number) =>
  until(`the events tell of ${held} held`, () => {
    const ledger = gateway.bus.ledgerOf(workload);
    return ledger.held === held && ledger.waiting === 0 ? ledger : undefined;
  });

describe('at zero', () => {
  test('a request is held, told of at once, and served by the first pod', async () => {
    const workload = 'default/first';
    await using pod = await startPod((_pod, _request, response) => response.end('served'));
    await gateway.appear(workload);
    const asked = gateway.ask(workload, { traceparent });
    const instant = await until('an instant sample', () =>
      gateway.bus.batchesOf(workload).find(({ partial }) => partial),
    );
    const row = instant.rows.workloads.indexOf(workload);
    expect(instant.source).toMatch(/^activator-1-/);
    expect(instant.rows.inFlight[row]).toBe(1);
    expect(instant.rows.concurrencyMilli[row]).toBe(1_000);
    // In its client's trace, but the span is its own: two requests of one client differ.
    const own = instant.rows.traceparents[row] ?? '';
    expect(own).toMatch(/^00-1{32}-[0-9a-f]{16}-01$/);
    expect(own).not.toBe(traceparent);
    await gateway.facts.addPod(workload, 'first-1', pod.port, { ready: false });
    expect(await asked.answer).toMatchObject({ status: 200, body: 'served' });
    // Nobody listens to spans here: a client's own context is not broken off.
    expect(pod.seen[0]?.headers.traceparent).toBe(traceparent);
    const completed = await until('the cold start', () => found(workload, 'ColdStartCompleted')[0]);
    expect(completed.traceparent).toBe(own);
    expect(completed.data).toMatchObject({ pod: 'first-1', status: 200, waited: 1 });
    const { receivedAtMs, sampledAtMs, connectedAtMs, firstByteAtMs, lastByteAtMs } =
      completed.data;
    const moments = [receivedAtMs, sampledAtMs, connectedAtMs, firstByteAtMs, lastByteAtMs];
    expect(moments).toEqual([...moments].sort((a, b) => Number(a) - Number(b)));
    expect(await settledLedger(workload, 1)).toMatchObject({ released: 1, imbalance: 0 });
  });

  test('fifty at once are held and released in one go', async () => {
    const workload = 'default/fifty';
    await using pod = await startPod();
    await gateway.appear(workload);
    const asked = await gateway.askAndWait(workload, 50);
    await untilTrue('the burst is told', () =>
      gateway.bus.batchesOf(workload).some(({ rows }) => {
        return rows.inFlight[rows.workloads.indexOf(workload)] === 50;
      }),
    );
    await untilTrue('a wake', () => found(workload, 'WakeRequested').length > 0);
    await gateway.facts.addPod(workload, 'fifty-1', pod.port);
    await untilTrue('all are at the pod', () => pod.inFlight === 50);
    pod.free();
    expect(new Set(await statusesOf(asked))).toEqual(new Set([200]));
    expect(await settledLedger(workload, 50)).toMatchObject({ released: 50, imbalance: 0 });
    expect(await imbalanceAt(gateway)).toBe(0);
  });

  test('a client that leaves is abandoned, and the ledger says so', async () => {
    const workload = 'default/abandoned';
    await gateway.appear(workload);
    const asked = await gateway.askAndWait(workload, 3);
    for (const { request } of asked) request.destroy();
    expect(await settledLedger(workload, 3)).toMatchObject({ abandoned: 3, imbalance: 0 });
    expect(found(workload, 'ColdStartCompleted')).toEqual([]);
  });

  test('the next one that waits is followed when the first has left', async () => {
    const workload = 'default/second';
    await using pod = await startPod();
    pod.free();
    await gateway.appear(workload);
    const [first, second] = await gateway.askAndWait(workload, 2);
    first?.request.destroy();
    await untilTrue('it is told', () => gateway.bus.ledgerOf(workload).abandoned === 1);
    await gateway.facts.addPod(workload, 'second-1', pod.port);
    expect((await second?.answer)?.status).toBe(200);
    const completed = await until('the cold start', () => found(workload, 'ColdStartCompleted')[0]);
    expect(completed.data).toMatchObject({ pod: 'second-1', waited: 1 });
    expect(await settledLedger(workload, 2)).toMatchObject({ released: 1, abandoned: 1 });
  });

  test('a workload that goes takes nobody along: 503 for who waited, 404 after', async () => {
    const workload = 'default/gone';
    await gateway.appear(workload);
    const [held] = await gateway.askAndWait(workload, 1);
    await gateway.facts.disappear(workload);
    expect(await held?.answer).toMatchObject({ status: 503, headers: { 'retry-after': '1' } });
    expect(await settledLedger(workload, 1)).toMatchObject({ shed: 1, imbalance: 0 });
    const after = await gateway.ask(workload).answer;
    expect(after.status).toBe(404);
    expect(after.body).toContain('There is no workload gone in namespace default');
  });
});

describe('with pods', () => {
  test('the one with the fewest requests in flight gets the next', async () => {
    const workload = 'default/least';
    await using one = await startPod();
    await using two = await startPod();
    await gateway.appear(workload);
    await gateway.facts.addPod(workload, 'least-1', one.port);
    const first = await gateway.askAndWait(workload, 4);
    await untilTrue('they are at the first', () => one.inFlight === 4);
    await gateway.facts.addPod(workload, 'least-2', two.port);
    const more: Asked[] = [];
    // Until its first contact the second one cannot be chosen.
    const allAreSentOn = () => one.inFlight + two.inFlight === 4 + more.length;
    await untilTrue('the second one is chosen', async () => {
      more.push(...(await gateway.askAndWait(workload, 1)));
      await untilTrue('it is sent on', allAreSentOn);
      return two.inFlight > 0;
    });
    const missing = one.inFlight - two.inFlight;
    expect(missing).toBeGreaterThan(0);
    more.push(...(await gateway.askAndWait(workload, missing)));
    await untilTrue('all are sent on', allAreSentOn);
    expect(two.inFlight).toBe(one.inFlight);
    one.free();
    two.free();
    expect(new Set(await statusesOf([...first, ...more]))).toEqual(new Set([200]));
  });

  test('containerConcurrency is never exceeded; the rest waits its turn', async () => {
    const workload = 'default/limited';
    await using pod = await startPod();
    await gateway.appear(workload, { containerConcurrency: 2 });
    await gateway.facts.addPod(workload, 'limited-1', pod.port);
    const first = await gateway.askAndWait(workload, 1);
    await untilTrue('one is at the pod', () => pod.inFlight === 1);
    const more = await gateway.askAndWait(workload, 5);
    await untilTrue('two are at the pod', () => pod.inFlight === 2);
    pod.free();
    expect(new Set(await statusesOf([...first, ...more]))).toEqual(new Set([200]));
    expect(pod.inFlightMost).toBe(2);
    const ledger = await until('the events tell of those that waited', () => {
      const told = gateway.bus.ledgerOf(workload);
      return told.held >= 4 && told.waiting === 0 ? told : undefined;
    });
    // The first one too, if it came before the pod was known.
    expect(ledger.held).toBeLessThanOrEqual(5);
    expect(ledger).toMatchObject({ released: ledger.held, imbalance: 0 });
  });

  test('a policy with a higher limit lets those that wait go on', async () => {
    const workload = 'default/raised';
    await using pod = await startPod();
    await gateway.appear(workload, { containerConcurrency: 1 });
    await gateway.facts.addPod(workload, 'raised-1', pod.port);
    const asked = await gateway.askAndWait(workload, 3);
    await untilTrue('one is at the pod', () => pod.inFlight === 1);
    await gateway.facts.setPolicy(workload, { containerConcurrency: 3 });
    await untilTrue('all are at the pod', () => pod.inFlight === 3);
    pod.free();
    expect(await statusesOf(asked)).toEqual([200, 200, 200]);
  });

  test('a pod that is replaced finishes what it has, and gets nothing new', async () => {
    const workload = 'default/replaced';
    await using older = await startPod();
    await using newer = await startPod();
    newer.free();
    await gateway.appear(workload);
    await gateway.facts.addPod(workload, 'replaced-1', older.port);
    const [slow] = await gateway.askAndWait(workload, 1);
    await untilTrue('it is at the pod', () => older.inFlight === 1);
    await gateway.facts.addPod(workload, 'replaced-2', newer.port);
    await gateway.facts.removePod(workload, 'replaced-1');
    await untilTrue('the newer one answers', async () => {
      // One that still goes to the older pod has no answer yet.
      const answer = gateway.ask(workload).answer.catch(() => undefined);
      await Promise.race([answer, sleep(500)]);
      return newer.seen.length > 0;
    });
    const before = older.seen.length;
    expect((await gateway.ask(workload).answer).status).toBe(200);
    expect(older.seen.length).toBe(before);
    older.free();
    expect((await slow?.answer)?.status).toBe(200);
  });

  test("a client's copy of the counting header is not passed on", async () => {
    const workload = 'default/marked';
    await using pod = await startPod();
    pod.free();
    await gateway.appear(workload);
    await gateway.facts.addPod(workload, 'marked-1', pod.port);
    await gateway.ask(workload, { 'x-flyball-proxied': 'forged' }).answer;
    const values = pod.seen[0]?.headersDistinct['x-flyball-proxied'];
    expect(values).toHaveLength(1);
    expect(values).not.toContain('forged');
  });

  test('whole seconds cover it: rows while busy, zero while idle', async () => {
    const workload = 'default/covered';
    await using pod = await startPod();
    await gateway.appear(workload);
    await gateway.facts.addPod(workload, 'covered-1', pod.port);
    const whole = () => gateway.bus.batchesOf(workload).filter(({ partial }) => !partial);
    await untilTrue('it is covered', () => whole().some((one) => one.covered.includes(workload)));
    const asked = await gateway.askAndWait(workload, 3);
    const busy = await until('a whole second of three', () =>
      whole().find(({ rows }) => {
        return rows.concurrencyMilli[rows.workloads.indexOf(workload)] === 3_000;
      }),
    );
    expect(busy.covered).not.toContain(workload);
    pod.free();
    expect(await statusesOf(asked)).toEqual([200, 200, 200]);
    const idleAfter = busy.secondAtMs;
    await untilTrue('it is idle again', () =>
      whole().some((one) => one.secondAtMs > idleAfter && one.covered.includes(workload)),
    );
  });
});

test('a workload without pods is not covered: nothing is measured there', async () => {
  const workload = 'default/unobserved';
  const other = 'default/observed';
  await using pod = await startPod();
  await gateway.appear(workload);
  await gateway.appear(other);
  await gateway.facts.addPod(other, 'observed-1', pod.port);
  await untilTrue('the other is covered', () => gateway.bus.batchesOf(other).length > 1);
  expect(gateway.bus.batchesOf(workload)).toEqual([]);
});

describe('a Host that nobody has', () => {
  test.each([
    ['example.com', 'No workload answers to Host "example.com"'],
    ['web.default.example.org', 'Hosts here are <name>.<namespace>.example.com'],
    ['nobody.default.example.com', 'There is no workload nobody in namespace default'],
  ])('%s is answered 404 with what to do', async (host, text) => {
    const answer = await ask(`${gateway.url}/`, host).answer;
    expect(answer.status).toBe(404);
    expect(answer.body).toContain(text);
  });
});
