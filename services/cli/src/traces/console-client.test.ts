/** A console that does not answer: why that may be. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { createConsoleClient } from './console-client.ts';

const { signal } = new AbortController();

/** Takes requests and answers none. */
const startSilent = async () => {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
};

it('one that is silent may itself wait for NATS', async () => {
  await using silent = await startSilent();
  const client = createConsoleClient(silent.url, signal, 50);
  const said = /does not answer within 50 ms: it is stuck, or the NATS behind it is\..*doctor/;
  await expect(client.get('4bf9')).rejects.toThrow(said);
  await expect(client.list({ limit: 1 })).rejects.toMatchObject({ code: 'CONSOLE_UNREACHABLE' });
});

it('one that is not there is away, whatever NATS does', async () => {
  const { url } = await (async () => {
    await using silent = await startSilent();
    return silent;
  })();
  const listing = createConsoleClient(url, signal).list({ limit: 1 });
  await expect(listing).rejects.toThrow('does not answer: ');
  await expect(listing).rejects.not.toThrow('NATS');
});

it('what ends the verb is passed on as it is', async () => {
  await using silent = await startSilent();
  const ended = AbortSignal.abort(new Error('Ctrl-C'));
  await expect(createConsoleClient(silent.url, ended).list({ limit: 1 })).rejects.toThrow('Ctrl-C');
});
