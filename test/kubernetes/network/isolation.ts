/** A network of one's own, in which every pod address is local and from which no packet leaves. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Pods are local processes, each on an address of its own. They cannot be 127.x.y.z: the API
 * server refuses those in EndpointSlices.
 */
export const podNetwork = '10.244.0.0/16';
const anyPodAddress = '10.244.255.254';

/**
 * Run in a fresh network as its administrator; then becomes the program that it was given, which
 * the kernel ends when whoever started it dies.
 */
const enter = [
  'ip link set lo up',
  `ip route add local ${podNetwork} dev lo`,
  'exec setpriv --pdeathsig KILL -- "$@"',
].join(' && ');
const tryLimitMs = 10_000;

/** A plain one needs root; with a user namespace everybody has it, where the system allows it. */
const ways: readonly (readonly string[])[] = [
  ['unshare', '--net', '--'],
  ['unshare', '--user', '--map-root-user', '--net', '--'],
];

const wrap = (way: readonly string[], command: readonly string[]): readonly string[] => [
  ...way,
  ...['sh', '-c', enter, 'sh', ...command],
];

const works = (way: readonly string[]): string | undefined => {
  const [program = '', ...args] = wrap(way, ['true']);
  const { status, stderr, error } = spawnSync(program, args, { timeout: tryLimitMs });
  if (status === 0) return undefined;
  return error?.message ?? (stderr.toString().trim().split('\n').at(-1) || `exit code ${status}`);
};

/** Can pods have their addresses where we run now? */
export const hasPodAddresses = async (): Promise<boolean> => {
  const server = createServer();
  try {
    server.listen(0, anyPodAddress);
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
};

export type Isolation =
  | { readonly kind: 'possible'; readonly wrap: (command: readonly string[]) => readonly string[] }
  | { readonly kind: 'refused'; readonly why: string };

/** How a command is run in a network of its own on this machine, or why that cannot be done. */
export const findIsolation = (): Isolation => {
  if (process.platform !== 'linux') {
    return {
      kind: 'refused',
      why: `network namespaces are of Linux, and this is ${process.platform}`,
    };
  }
  const complaints = ways.map((way) => {
    const complaint = works(way);
    return { way, complaint };
  });
  const found = complaints.find(({ complaint }) => complaint === undefined);
  if (found !== undefined) {
    return { kind: 'possible', wrap: (command) => wrap(found.way, command) };
  }
  const why = complaints.map(({ way, complaint }) => `${way.slice(0, -1).join(' ')}: ${complaint}`);
  return { kind: 'refused', why: `no network of its own can be made (${why.join('; ')})` };
};
