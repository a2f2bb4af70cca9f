/** A process that holds leases until it is killed, and says on stdout what it owns. */

import { connectEventLog } from '../jetstream.ts';
import { holdLeases } from '../leases.ts';

const [servers = '', instance = ''] = process.argv.slice(2);
const say = (what: string): boolean => process.stdout.write(`${what}\n`);

const log = await connectEventLog({ servers, name: instance });
const holder = holdLeases({
  bucket: log.leases,
  stage: 'decider',
  instance,
  partitionCount: 4,
  signal: new AbortController().signal,
  onStatus: (listener) => log.onStatus(listener),
  onGained: (partition, lease) => {
    say(`gained ${partition}`);
    // Work that finds out by asking, before any timer could tell it.
    const asking = setInterval(() => {
      if (lease.isHeld()) return;
      clearInterval(asking);
      say(`stopped ${partition}`);
    }, 10);
  },
});
await holder.ended;
