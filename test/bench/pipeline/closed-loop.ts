/** A load in a process of its own whose number of clients can change: each asks, waits, asks. */
import { Pool } from 'undici';
import { z } from 'zod';

/** To this process: so many clients from now on; 0 ends it. */
const orderSchema = z.strictObject({
  clients: z.int().min(0).max(1_000),
});

/** From this process: the new clients have written their first requests. */
export interface LoadChanged {
  readonly clients: number;
  /** UTC ms, whole. */
  readonly atMs: number;
}

const [url = '', host = '', path = '/'] = process.argv.slice(2);
const pool = new Pool(url, { connections: 1_000, headersTimeout: 60_000 });
let wanted = 0;

const client = async (index: number): Promise<void> => {
  while (index < wanted) {
    const { body } = await pool.request({ path, method: 'GET', headers: { host } });
    await body.dump();
  }
};

process.on('message', (message) => {
  const { clients } = orderSchema.parse(message);
  const before = wanted;
  wanted = clients;
  const atMs = Date.now();
  for (let index = before; index < clients; index += 1) void client(index);
  process.send?.({ clients, atMs } satisfies LoadChanged);
  if (clients === 0) void pool.destroy().then(() => process.disconnect());
});
