/** Every answer is guarded and told as JSON, also to addresses that cannot be read. */
import { request } from 'node:http';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createServer, listen } from './create-server.ts';

const server = createServer([], pino({ level: 'silent' }));
let url: string;

beforeAll(async () => {
  server.get<{ Params: { id: string } }>('/api/things/:id', async ({ params: { id } }) => ({ id }));
  url = await listen(server, { host: '127.0.0.1', port: 0 });
});
afterAll(() => server.close());

interface Answered {
  readonly status: number | undefined;
  readonly policy: unknown;
  readonly body: unknown;
}

it('listens at every address by ::, on a machine of either family', async () => {
  const everywhere = createServer([], pino({ level: 'silent' }));
  const { port } = new URL(await listen(everywhere, { host: '::', port: 0 }));
  const { status } = await fetch(`http://127.0.0.1:${port}/api/nothing`);
  expect(status).toBe(404);
  await everywhere.close();
});

/** As it is written: nothing of the address is put right on the way. */
const ask = (path: string, host = 'localhost'): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { path, headers: { host } }, (response) => {
      response
        .setEncoding('utf8')
        .toArray()
        .then((parts) => {
          const policy = response.headers['content-security-policy'];
          resolve({ status: response.statusCode, policy, body: JSON.parse(parts.join('')) });
        }, reject);
    });
    asked.on('error', reject).end();
  });

const unreadable = ['/api/%', '/api/things/%', '/%ff', `/api/things/${'a'.repeat(300)}`];

it.each(unreadable)('%s is refused as every request is that cannot be taken', async (path) => {
  const { status, policy, body } = await ask(path);
  expect([status, policy]).toEqual([400, expect.stringContaining("default-src 'none'")]);
  expect(body).toEqual({ error: { code: 'BAD_REQUEST', message: expect.stringContaining(path) } });
});

it.each(unreadable)('%s is not answered by a name that is not ours', async (path) => {
  const { status, policy, body } = await ask(path, 'evil.example.com');
  expect([status, policy]).toEqual([403, expect.stringContaining("default-src 'none'")]);
  expect(body).toMatchObject({ error: { code: 'HOST_REFUSED' } });
});

it('takes the longest name of a workload', async () => {
  const id = 'a'.repeat(253);
  expect(await ask(`/api/things/${id}`)).toMatchObject({ status: 200, body: { id } });
});
