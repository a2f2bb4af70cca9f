/** Test support: a gRPC service of plain text, served and called by the common library. */

import {
  type ChannelOptions,
  type ClientDuplexStream,
  type ClientReadableStream,
  type ClientUnaryCall,
  credentials,
  type MethodDefinition,
  makeGenericClientConstructor,
  Server,
  ServerCredentials,
  type ServerDuplexStream,
  type ServerUnaryCall,
  type ServerWritableStream,
  type ServiceError,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { onTestFinished } from 'vitest';

const toBytes = (text: string): Buffer => Buffer.from(text);
const toText = (bytes: Buffer): string => bytes.toString();

const method = (name: string, requestStream: boolean, responseStream: boolean) =>
  ({
    path: `/test.Talk/${name}`,
    requestStream,
    responseStream,
    requestSerialize: toBytes,
    requestDeserialize: toText,
    responseSerialize: toBytes,
    responseDeserialize: toText,
  }) satisfies MethodDefinition<string, string>;

const talk = {
  say: method('Say', false, false),
  count: method('Count', false, true),
  chat: method('Chat', true, true),
};

/** What the service does with each kind of call. */
export interface TalkHandlers {
  readonly say?: (call: ServerUnaryCall<string, string>, done: sendUnaryData<string>) => void;
  readonly count?: (call: ServerWritableStream<string, string>) => void;
  readonly chat?: (call: ServerDuplexStream<string, string>) => void;
}

const echo: Required<TalkHandlers> = {
  say: (call, done) => done(null, `${call.request}!`),
  count: (call) => {
    for (let n = 1; n <= Number(call.request); n += 1) call.write(String(n));
    call.end();
  },
  chat: (call) => {
    call.on('data', (text: string) => call.write(`${text}!`));
    call.on('end', () => call.end());
  },
};

/** Serves on 127.0.0.1; what is not given echoes. */
export const startTalk = async (handlers: TalkHandlers = {}, port = 0) => {
  const server = new Server();
  server.addService(talk, { ...echo, ...handlers });
  const bound = await new Promise<number>((resolve, reject) =>
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, taken) =>
      error === null ? resolve(taken) : reject(error),
    ),
  );
  onTestFinished(() => server.forceShutdown());
  return { server, port: bound };
};

interface TalkClient {
  say(
    text: string,
    options: { deadline: number },
    done: (error: ServiceError | null, answer?: string) => void,
  ): ClientUnaryCall;
  count(text: string): ClientReadableStream<string>;
  chat(): ClientDuplexStream<string, string>;
  close(): void;
}

const longDeadlineMs = 20_000;

/** A client of the service at this port of 127.0.0.1, without the retries that hide failures. */
export const talkClient = (port: number, options: ChannelOptions = {}) => {
  const Client = makeGenericClientConstructor(talk, 'Talk');
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), {
    'grpc.enable_retries': 0,
    ...options,
  }) as unknown as TalkClient;
  onTestFinished(() => client.close());
  return {
    raw: client,
    /** The answer; rejects with the gRPC error. */
    say: (text: string, deadlineMs = longDeadlineMs): Promise<string> =>
      new Promise((resolve, reject) => {
        client.say(text, { deadline: Date.now() + deadlineMs }, (error, answer) =>
          error === null ? resolve(answer ?? '') : reject(error),
        );
      }),
  };
};
