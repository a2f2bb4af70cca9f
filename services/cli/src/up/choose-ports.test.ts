/** Which ports are taken, and what is said where a named one cannot be had. */
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { choosePorts, type WantedPorts } from './choose-ports.ts';
import { freePort } from './free-port.ts';

const loopback = '127.0.0.1';
const wanted = (given: Partial<WantedPorts>): WantedPorts => ({
  ...{ gatewayHost: loopback, gatewayPort: 0, console: {}, ...given },
});

const listen = async (port: number): Promise<AsyncDisposable> => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(port, loopback, done));
  return {
    [Symbol.asyncDispose]: () => new Promise((done) => server.close(() => done())),
  };
};

it('the console has its usual port', async () => {
  const usual = await freePort();
  expect(await choosePorts(wanted({}), usual)).toMatchObject({ consolePort: usual });
});

it('and another one where that is taken, or the gateway is to have it', async () => {
  const usual = await freePort();
  const beside = await choosePorts(wanted({ gatewayPort: usual }), usual);
  expect(beside.gatewayPort).toBe(usual);
  expect(beside.consolePort).not.toBe(usual);
  await using _other = await listen(usual);
  const { consolePort } = await choosePorts(wanted({}), usual);
  expect(consolePort).toBeGreaterThan(0);
  expect(consolePort).not.toBe(usual);
});

it('a named one is taken, or it is said why not', async () => {
  const port = await freePort();
  expect(await choosePorts(wanted({ console: { port } }))).toMatchObject({ consolePort: port });
  await using _other = await listen(port);
  await expect(choosePorts(wanted({ console: { port } }))).rejects.toThrow('--console-port N');
  await expect(choosePorts(wanted({ gatewayPort: port }))).rejects.toThrow('--port N');
});

it('the same one for both is refused', async () => {
  const port = await freePort();
  const same = wanted({ gatewayPort: port, console: { port } });
  await expect(choosePorts(same)).rejects.toThrow("is the gateway's");
});

it('none is taken where there is no console', async () => {
  const { consolePort } = await choosePorts(wanted({ console: undefined }));
  expect(consolePort).toBeUndefined();
});
