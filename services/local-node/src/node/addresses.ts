/** Where pods listen: a loopback subnet of this node's own, one address a pod. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { OutsideError } from '@flyball/contracts';

/** A pod's address and its ports. */
export interface Place {
  readonly host: string;
  readonly port: number;
  readonly queuePort: number;
  readonly queueMetricsPort: number;
}

export interface Addresses {
  /** An address that no pod of this node has. */
  readonly take: () => Place;
  readonly release: (place: Place) => void;
  /** Can these ports of the address be listened on now? */
  readonly isFree: (host: string, ports: readonly number[]) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

/** Below the ranges from which systems take ports for outgoing connections. */
const firstPort = 31_080;
const portsPerPlace = 3;
/** Steps to other ports, should something listen on the usual ones of all addresses. */
const portTriesMax = 20;
const portStep = 10;

/** 127.<2 to 251>.0.0/16. Which one is taken is settled by listening on this address in it. */
const firstSubnet = 2;
const subnets = 250;
const claimSuffix = '255.254';
const claimPort = 31_079;
const hostsPerSubnet = 65_000;

const listenCode = async (host: string, port: number): Promise<Server | string> => {
  const server = createServer();
  server.listen({ host, port, exclusive: true });
  try {
    await once(server, 'listening');
    server.unref();
    return server;
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
  }
};

const closeServer = (server: Server): Promise<void> =>
  new Promise((resolve) => void server.close(() => resolve()));

/** undefined when it can be listened on, else the system's error code. */
const busyCode = async (host: string, port: number): Promise<string | undefined> => {
  const server = await listenCode(host, port);
  if (typeof server === 'string') return server;
  await closeServer(server);
  return undefined;
};

const placeAt = (host: string, port: number): Place => ({
  host,
  port,
  queuePort: port + 1,
  queueMetricsPort: port + 2,
});

const isFree = async (host: string, ports: readonly number[]): Promise<boolean> => {
  for (const port of ports) {
    if ((await busyCode(host, port)) !== undefined) return false;
  }
  return true;
};

const noAddress = (message: string): OutsideError =>
  new OutsideError('PORT_IN_USE', message, { retriable: false });

/** The claim on a subnet; undefined where only 127.0.0.1 exists (macOS). */
const claimSubnet = async (
  start: number,
): Promise<{ readonly subnet: number; readonly claim: Server } | undefined> => {
  for (let tried = 0; tried < subnets; tried += 1) {
    const subnet = firstSubnet + ((start + tried) % subnets);
    const claim = await listenCode(`127.${subnet}.${claimSuffix}`, claimPort);
    if (typeof claim !== 'string') return { subnet, claim };
    if (claim === 'EADDRNOTAVAIL') return undefined;
  }
  throw noAddress(`all subnets 127.${firstSubnet}.0.0 and on are taken by other local-nodes`);
};

/** A port that is free on every address of the subnet, as far as listening on one can tell. */
const freePort = async (host: string): Promise<number> => {
  for (let tried = 0; tried < portTriesMax; tried += 1) {
    const port = firstPort + tried * portStep;
    const { queuePort, queueMetricsPort } = placeAt(host, port);
    if (await isFree(host, [port, queuePort, queueMetricsPort])) return port;
  }
  const last = firstPort + (portTriesMax - 1) * portStep;
  throw noAddress(`something listens on all ports from ${firstPort} to ${last}; stop it`);
};

/** Counts through places, passing over the ones that are taken. */
const takeFrom = (placeOf: (number: number) => Place, places: number) => {
  const taken = new Set<string>();
  const nameOf = ({ host, port }: Place): string => `${host}:${port}`;
  let next = 0;
  return {
    take: (): Place => {
      for (let tried = 0; tried < places; tried += 1) {
        const place = placeOf(next);
        next = (next + 1) % places;
        if (taken.has(nameOf(place))) continue;
        taken.add(nameOf(place));
        return place;
      }
      throw noAddress(`all ${places} addresses for pods are taken`);
    },
    release: (place: Place): void => void taken.delete(nameOf(place)),
  };
};

const oneAddressPlaces = 1_000;

/** Claims a subnet; `start` (the process id) spreads nodes that start at the same time. */
export const claimAddresses = async (start: number): Promise<Addresses> => {
  const claimed = await claimSubnet(start);
  if (claimed === undefined) {
    const at = (number: number) => placeAt('127.0.0.1', firstPort + number * portsPerPlace);
    return { ...takeFrom(at, oneAddressPlaces), isFree, close: async () => undefined };
  }
  const { subnet, claim } = claimed;
  const port = await freePort(`127.${subnet}.0.1`);
  const at = (number: number): Place => {
    const [high, low] = [Math.floor(number / 250), (number % 250) + 1];
    return placeAt(`127.${subnet}.${high}.${low}`, port);
  };
  const counted = takeFrom(at, hostsPerSubnet);
  return { ...counted, isFree, close: () => closeServer(claim) };
};
