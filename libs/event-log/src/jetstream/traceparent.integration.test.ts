/** A message's trace context goes beside it as a header, for whoever watches the bus. */
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { messageOf, storedSeq, subjectOf } from '../contract/bed.ts';
import { openNatsBed } from '../testing/nats-bed.ts';
import { availableNatsServers } from '../testing/nats-server.ts';

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test.for(await availableNatsServers())(
  'nats-server $version keeps a trace context as a header, and the id with it',
  async (binary) => {
    await using bed = await openNatsBed({ binary });
    const log = await bed.connect();
    const traced = await storedSeq(log, { ...messageOf(subjectOf('web'), 'a', 0), traceparent });
    const untraced = await storedSeq(log, messageOf(subjectOf('web'), 'b', traced));
    const connection = await connect({ servers: bed.server.url });
    try {
      const { streams } = await jetstreamManager(connection);
      const headerOf = async (seq: number) =>
        (await streams.getMessage('EVENTS', { seq }))?.header.get('traceparent');
      expect(await headerOf(traced)).toBe(traceparent);
      expect(await headerOf(untraced)).toBe('');
    } finally {
      await connection.close();
    }
    expect(await log.events.at(traced)).toMatchObject({ id: 'a', seq: traced });
    expect(
      await log.events.append({ ...messageOf(subjectOf('web'), 'a', 0), traceparent }),
    ).toEqual({ kind: 'stored', seq: traced, again: true });
  },
);
