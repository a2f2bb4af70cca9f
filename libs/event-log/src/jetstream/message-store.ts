/** Single messages of one stream: published, or asked for by sequence or subject. */
import type {
  JetStreamClient,
  JetStreamManager,
  MsgRequest,
  NextMsgRequest,
  StoredMsg,
  StreamInfo,
} from '@nats-io/jetstream';
import { headers, type MsgHdrs } from '@nats-io/nats-core';
import type { AppendPort, PublishAnswer } from '../append-procedure.ts';
import type { Append, StoredMessage } from '../event-log.ts';
import { isExactSubject } from '../subject-match.ts';
import type { Link } from './link.ts';
import { isWrongLastSequence } from './nats-failure.ts';
import { fromStore } from './stored-message.ts';

type Question = MsgRequest | Required<NextMsgRequest>;

/** What a stream's adapter works with: one connection and the library's views of it. */
export interface Session {
  readonly link: Link;
  readonly js: JetStreamClient;
  readonly manager: JetStreamManager;
  /** The same with the patience that a purge needs. */
  readonly purger: JetStreamManager;
}

/** Made anew for each try: the library adds its own to what it is given. */
const traced = (traceparent: string): MsgHdrs => {
  const given = headers();
  given.set('traceparent', traceparent);
  return given;
};

export class MessageStore implements AppendPort {
  readonly stream: string;
  readonly #session: Session;
  /** A replica may answer a direct get from before the leader's last message. */
  #direct: Promise<boolean> | undefined;

  constructor(stream: string, session: Session) {
    this.stream = stream;
    this.#session = session;
  }

  async publish(message: Append): Promise<PublishAnswer> {
    const { link, js } = this.#session;
    const { subject, id, body, expectedLastSeq, connection, traceparent } = message;
    const doing = `Appending ${id} to ${subject}`;
    return link.untilAnswered(doing, async () => {
      link.expectConnection(connection, doing);
      try {
        const { seq, duplicate } = await js.publish(subject, body, {
          msgID: id,
          timeout: link.limits.tryMs,
          ...(traceparent === undefined ? {} : { headers: traced(traceparent) }),
          expect: {
            streamName: this.stream,
            ...(expectedLastSeq === undefined ? {} : { lastSubjectSequence: expectedLastSeq }),
          },
        });
        return { kind: 'acknowledged', seq, duplicate };
      } catch (error) {
        if (isWrongLastSequence(error)) return { kind: 'refused' };
        throw error;
      }
    });
  }

  next(subject: string, fromSeq: number): Promise<StoredMessage | undefined> {
    return this.#ask({ next_by_subj: subject, seq: fromSeq });
  }

  at(seq: number): Promise<StoredMessage | undefined> {
    return seq < 1 ? Promise.resolve(undefined) : this.#ask({ seq });
  }

  last(subject: string): Promise<StoredMessage | undefined> {
    return this.#ask({ last_by_subj: subject });
  }

  async streamLastSeq(): Promise<number> {
    return (await this.info()).state.last_seq;
  }

  info(): Promise<StreamInfo> {
    const { link, manager } = this.#session;
    return link.untilAnswered(`Asking for the state of ${this.stream}`, () =>
      manager.streams.info(this.stream),
    );
  }

  async #ask(question: Question): Promise<StoredMessage | undefined> {
    const { link } = this.#session;
    const found = await link.untilAnswered(`Reading a message of ${this.stream}`, async () =>
      (await this.#mayAskDirectly(question))
        ? this.#session.manager.direct.getMessage(this.stream, question)
        : this.#askLeader(question),
    );
    return found === null ? undefined : fromStore(found);
  }

  #askLeader(question: Question): Promise<StoredMsg | null> {
    // The leader answers `next_by_subj` too; only the library's type leaves it out.
    return this.#session.manager.streams.getMessage(this.stream, question as MsgRequest);
  }

  async #mayAskDirectly(question: Question): Promise<boolean> {
    // A direct question for a last message carries the subject in its own: no wildcards there.
    if ('last_by_subj' in question && !isExactSubject(question.last_by_subj)) return false;
    this.#direct ??= this.#askWhetherDirect();
    return this.#direct;
  }

  async #askWhetherDirect(): Promise<boolean> {
    try {
      const { config } = await this.#session.manager.streams.info(this.stream);
      return config.allow_direct === true && config.num_replicas === 1;
    } catch (error) {
      this.#direct = undefined;
      throw error;
    }
  }
}
