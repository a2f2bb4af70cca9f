/** A connection to a port of a pod, through the API server, as `kubectl port-forward` has it. */
import type { RequestOptions } from 'node:https';
import { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { type RawData, WebSocket } from 'ws';
import { type ClusterError, outsideErrorOf, refusedAnswer } from './cluster-error.ts';
import { readKubeConfig } from './credentials.ts';

export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

export interface PodPortOptions {
  /** A path; empty: the pod's service account, else what KUBECONFIG or the home says. */
  readonly kubeconfig: string;
  /** Of the kubeconfig; its current one where it is undefined. */
  readonly context?: string | undefined;
  /** The API server and the node of the pod have answered by then; 10,000 by default. */
  readonly openLimitMs?: number;
}

const defaultOpenLimitMs = 10_000;
/** Frames carry one byte that says of which stream they are; only v5 can end one of them. */
const protocols = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const dataChannel = 0;
const errorChannel = 1;
const closeChannel = 255;
/** Each stream begins with the number of its port, which we know. */
const portBytes = 2;

const bufferOf = (data: RawData): Buffer =>
  Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer);

/** Gives what each frame holds to the stream; throws nothing. */
const readFrames = (socket: WebSocket, stream: Duplex, what: string): void => {
  const skipped = { [dataChannel]: 0, [errorChannel]: 0 };
  const contentOf = (channel: 0 | 1, frame: Buffer): Buffer => {
    const skip = Math.min(portBytes - skipped[channel], frame.length);
    skipped[channel] += skip;
    return frame.subarray(skip);
  };
  socket.on('message', (data) => {
    const frame = bufferOf(data);
    const [channel, ended] = frame;
    if (channel === closeChannel && ended === dataChannel) stream.push(null);
    if (channel === dataChannel) {
      const content = contentOf(dataChannel, frame.subarray(1));
      if (content.length > 0 && !stream.push(content)) socket.pause();
    } else if (channel === errorChannel) {
      const said = contentOf(errorChannel, frame.subarray(1)).toString().trim();
      if (said !== '') stream.destroy(outsideErrorOf(new Error(said), what));
    }
  });
};

/**
 * Over the socket itself: the client's PortForward ends this process's own output when a server
 * ends a stream, keeps what cannot be taken yet in memory, and does not tell a refusal's reason.
 */
const streamOver = (socket: WebSocket, what: string): Duplex => {
  const stream = new Duplex({
    read: () => socket.resume(),
    write: (chunk: Buffer, _, done) => socket.send(Buffer.concat([Buffer.of(0), chunk]), done),
    final: (done) => {
      socket.close();
      done();
    },
    destroy: (error, done) => {
      socket.terminate();
      done(error);
    },
  });
  readFrames(socket, stream, what);
  socket.on('error', (error) => stream.destroy(outsideErrorOf(error, what)));
  socket.once('close', () => {
    stream.push(null);
    stream.end();
  });
  return stream;
};

const untilOpen = (socket: WebSocket, what: string): Promise<void> =>
  new Promise((resolve, reject: (error: ClusterError) => void) => {
    socket.once('open', resolve);
    socket.once('error', (error) => reject(outsideErrorOf(error, what)));
    socket.once('unexpected-response', (_, answer) => {
      const refuse = (body: string) =>
        reject(refusedAnswer({ status: answer.statusCode ?? 0, body }, what));
      text(answer).then(refuse, () => refuse(''));
    });
  });

/** Rejects with ClusterError: PLATFORM_REFUSED where the right is missing, PLATFORM_GONE, …. */
export const openPodPort = async (
  { kubeconfig, context, openLimitMs = defaultOpenLimitMs }: PodPortOptions,
  { namespace, pod, port }: PodPort,
): Promise<Duplex> => {
  const kubeConfig = readKubeConfig(kubeconfig, context);
  const options: RequestOptions = {};
  await kubeConfig.applyToHTTPSOptions(options);
  const server = (kubeConfig.getCurrentCluster()?.server ?? '').replace(/\/+$/, '');
  const [where, name] = [namespace, pod].map(encodeURIComponent);
  const path = `/api/v1/namespaces/${where}/pods/${name}/portforward`;
  const what = `forwarding port ${port} of the pod ${namespace}/${pod}`;
  const url = `${server.replace(/^http/, 'ws')}${path}?ports=${port}`;
  const limits = { handshakeTimeout: openLimitMs, perMessageDeflate: false };
  const socket = new WebSocket(url, protocols, { ...options, ...limits } as object);
  const stream = streamOver(socket, what);
  // Told by `untilOpen` first, and to whoever reads it later.
  stream.on('error', () => undefined);
  try {
    await untilOpen(socket, what);
    return stream;
  } catch (error) {
    stream.destroy();
    throw error;
  }
};
