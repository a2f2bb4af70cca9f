/** A hostile client before the activator: a pod is given what was meant, and nothing stays. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Gateway, imbalanceAt, openGateway } from '../../integration/data-plane/gateway.ts';
import { hostOf } from '../../integration/data-plane/http-ends.ts';
import { until } from '../../integration/data-plane/waiting.ts';
import { fuzz } from '../fuzz-runs.ts';
import { hardConnections } from './hard-connections.ts';
import { hostileBytes } from './hostile-bytes.ts';
import { type Attacked, attack, attackByFrames } from './hostile-client.ts';
import { hostileFrames } from './hostile-frames.ts';
import { type ProcessBase, rememberBase } from './process-base.ts';
import { type StrictPod, startStrictPod } from './strict-pod.ts';
import type { StrictRequest } from './strict-requests.ts';

const [served, held] = ['default/served', 'default/held'] as const;
const hosts = [hostOf(served), hostOf(held)];

const valuesOf = (headers: StrictRequest['headers'], name: string): readonly string[] =>
  headers.filter(([one]) => one === name).map(([, value]) => value);

/** The activator faces clients: what they say of themselves is not believed. */
const judgeHeaders = (headers: StrictRequest['headers']): void => {
  expect(valuesOf(headers, 'x-flyball-proxied')).toEqual(['1']);
  expect(valuesOf(headers, 'x-forwarded-proto')).toEqual(['http']);
  const [host = '', ...others] = valuesOf(headers, 'host');
  expect(others).toEqual([]);
  expect(host.toLowerCase()).toContain('served.default.example.com');
  expect(valuesOf(headers, 'x-forwarded-host')).toEqual([host]);
  expect(valuesOf(headers, 'x-forwarded-for')).toHaveLength(1);
  expect(valuesOf(headers, 'x-forwarded-for')[0]).toMatch(/(^|, )127\.0\.0\.1$/);
};

describe('the activator', () => {
  let gateway: Gateway;
  let pod: StrictPod;
  let attacked: Attacked;
  let base: ProcessBase;

  beforeAll(async () => {
    gateway = await openGateway();
    pod = await startStrictPod();
    await gateway.appear(served);
    await gateway.appear(held);
    await gateway.facts.addPod(served, 'strict', pod.port);
    expect((await gateway.ask(served).answer).status).toBe(200);
    const inFlight = async () => {
      const { text } = await gateway.activator.page('/metrics');
      return Number(/^flyball_activator_in_flight_requests (\S+)$/m.exec(text)?.[1]);
    };
    pod.take();
    const { child, log } = gateway.activator;
    const isAlive = () => child.exitCode === null && child.signalCode === null;
    attacked = {
      ...{ isAlive, log },
      port: Number(new URL(gateway.url).port),
      pod,
      inFlight,
      judgeHeaders,
      meant: [],
      count: 0,
    };
    base = rememberBase(gateway.activator.child.pid ?? 0);
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
    await pod[Symbol.asyncDispose]();
  });

  it.each(hardConnections)('is not led astray by $name', async ({ text }) => {
    for (const host of hosts) {
      await attack(attacked, { bytes: text.replaceAll('HOST', host), cuts: [] });
      // The same, a byte more at a time where it matters least to us and most to a parser.
      const bytes = text.replaceAll('HOST', host);
      await attack(attacked, { bytes, cuts: [1, Math.floor(bytes.length / 2), bytes.length - 1] });
    }
  });

  it('is not led astray by what nobody has thought of', () =>
    fuzz(
      150,
      hostileBytes(hosts),
      async (hostile) => {
        await attack(attacked, hostile);
      },
      { shrinks: false },
    ));

  it('is not led astray by frames of HTTP/2', () =>
    fuzz(150, hostileFrames(hosts), (hostile) => attackByFrames(attacked, hostile), {
      shrinks: false,
    }));

  it('serves, owes nobody an answer, and holds no more than before', async () => {
    expect(gateway.activator.child.exitCode).toBeNull();
    expect((await gateway.ask(served).answer).status).toBe(200);
    const ledger = await until('the ledger is told to its end', () => {
      const told = gateway.bus.ledgerOf(held);
      return told.waiting === 0 && told.held > 0 ? told : undefined;
    });
    expect(ledger).toMatchObject({ imbalance: 0, released: 0 });
    expect(ledger.abandoned).toBe(ledger.held);
    expect(await imbalanceAt(gateway)).toBe(0);
    await base.expectBack();
    expect(gateway.activator.log()).not.toMatch(/"level":(50|60)/);
  });
});
