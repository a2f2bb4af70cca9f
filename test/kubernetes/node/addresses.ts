/** The addresses that a node gives to its pods, each as long unused as can be. */

/** Node 1 has 10.244.16.0/20, node 2 has 10.244.32.0/20, up to node 15. */
const hostsPerNode = 4_096;
/** The node itself has the first one. */
const firstPod = 2;
export const nodesMax = 15;

export interface Addresses {
  /** Of the node. */
  readonly own: string;
  readonly cidr: string;
  take(): string;
  release(address: string): void;
}

const addressOf = (node: number, host: number): string =>
  `10.244.${node * 16 + (host >> 8)}.${host & 0xff}`;

export const createAddresses = (node: number): Addresses => {
  const taken = new Set<string>();
  let next = firstPod;
  return {
    own: addressOf(node, 1),
    cidr: `${addressOf(node, 0)}/20`,
    take: () => {
      for (let tries = 0; tries < hostsPerNode; tries += 1) {
        const address = addressOf(node, next);
        next = next + 1 < hostsPerNode - 1 ? next + 1 : firstPod;
        if (taken.has(address)) continue;
        taken.add(address);
        return address;
      }
      throw new Error(`All ${hostsPerNode} addresses of node ${node} are taken.`);
    },
    release: (address) => void taken.delete(address),
  };
};
