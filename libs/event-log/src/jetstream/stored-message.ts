/** Messages as the client library hands them over, turned into ours. */
import { type JsMsg, PubHeaders, type StoredMsg } from '@nats-io/jetstream';
import type { StoredMessage } from '../event-log.ts';

/** A message that came through a consumer. */
export const fromConsumer = (message: JsMsg): StoredMessage => ({
  seq: message.seq,
  subject: message.subject,
  id: message.headers?.get(PubHeaders.MsgIdHdr) ?? '',
  body: message.string(),
  storedAtMs: message.time.getTime(),
});

/** A message that was asked for by sequence or subject. */
export const fromStore = (message: StoredMsg): StoredMessage => ({
  seq: message.seq,
  subject: message.subject,
  id: message.header.get(PubHeaders.MsgIdHdr),
  body: message.string(),
  storedAtMs: message.time.getTime(),
});
