/** A pod that answers whatever it is told to, in HTTP/1.1 or in frames of HTTP/2. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { frame, framesIn, frameTypes } from '@flyball/proxy/testing';

/** What a pod does to its connection once it has said all. */
export type Ending = 'stays' | 'ends' | 'breaks';

export interface HostileAnswer {
  /** To an HTTP/1.1 request; latin1. */
  readonly bytes: string;
  /** To a stream of HTTP/2: type, flags and payload of each frame, on the stream of the request. */
  readonly frames: readonly HostileFrame[];
  readonly ending: Ending;
}

export interface HostileFrame {
  readonly type: number;
  readonly flags: number;
  readonly payload: Buffer;
  /** On the connection itself rather than on the request's stream. */
  readonly ofConnection?: boolean;
}

export interface HostilePod extends AsyncDisposable {
  readonly port: number;
  /** From now on it answers so. */
  answer: HostileAnswer;
}

const preface = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const settingsAcknowledged = 1;

const end = (socket: Socket, ending: Ending): void => {
  if (ending === 'ends') socket.end();
  else if (ending === 'breaks') socket.resetAndDestroy();
};

/** Answers each piece of HTTP/1.1 that begins with a request line. */
const speakOld = (socket: Socket, text: string, { bytes, ending }: HostileAnswer): void => {
  if (!/^[A-Z]+ \S+ HTTP\/1\.1\r\n/.test(text)) return;
  socket.write(bytes, 'latin1');
  end(socket, ending);
};

/** Answers each request of a connection in HTTP/2 when its head has come. */
const speakModern = (socket: Socket, pod: Pick<HostilePod, 'answer'>) => {
  let unread = Buffer.alloc(0);
  socket.write(frame(frameTypes.settings, 0, 0, Buffer.alloc(0)));
  return (bytes: Buffer): void => {
    unread = Buffer.concat([unread, bytes]);
    const frames = framesIn(unread);
    for (const { type, flags, stream, payload } of frames) {
      unread = unread.subarray(9 + payload.length);
      if (type === frameTypes.settings && (flags & settingsAcknowledged) === 0) {
        socket.write(frame(frameTypes.settings, settingsAcknowledged, 0, Buffer.alloc(0)));
      }
      if (type !== frameTypes.headers) continue;
      const { frames: said, ending } = pod.answer;
      for (const one of said) {
        socket.write(frame(one.type, one.flags, one.ofConnection ? 0 : stream, one.payload));
      }
      end(socket, ending);
    }
  };
};

/** Listens on a free port of 127.0.0.1. */
export const startHostilePod = async (): Promise<HostilePod> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    let modern: ((bytes: Buffer) => void) | undefined;
    sockets.add(socket.once('close', () => sockets.delete(socket)));
    socket.on('error', () => socket.destroy());
    socket.on('data', (bytes: Buffer) => {
      const text = bytes.toString('latin1');
      if (modern !== undefined) modern(bytes);
      else if (text.startsWith(preface)) {
        modern = speakModern(socket, pod);
        modern(bytes.subarray(preface.length));
      } else speakOld(socket, text, pod.answer);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const pod: HostilePod = {
    port: (server.address() as AddressInfo).port,
    answer: { bytes: '', frames: [], ending: 'stays' },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return pod;
};
