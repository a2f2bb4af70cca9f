/** Which cluster the tests run on: a given one, a control plane of our own, or k3s by Docker. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { programsRefused } from '../control-plane/programs.ts';
import {
  findIsolation,
  hasPodAddresses,
  type Isolation,
  podNetwork,
} from '../network/isolation.ts';

/** A kubeconfig that may be used for tests; everything in that cluster may be changed. */
const givenVariable = 'FLYBALL_TEST_KUBECONFIG';
/** `own` or `k3s`; without it the first one that this machine can have. */
const kindVariable = 'FLYBALL_TEST_CLUSTER';
const dockerSocket = '/var/run/docker.sock';

export type ClusterKind = 'own' | 'k3s' | 'given';

export type ClusterChoice =
  | {
      readonly kind: ClusterKind;
      /** Set for a given one. */
      readonly kubeconfig: string;
      /** The command that runs what is to see the cluster. */
      readonly wrap: (command: readonly string[]) => readonly string[];
    }
  | { readonly kind: 'none'; readonly why: string };

const asItIs = (command: readonly string[]) => command;

const addRoute = `sudo ip route add local ${podNetwork} dev lo`;

/** Clusters that are reached over the machine's own network need the pods' addresses there. */
const onThisNetwork = async (kind: ClusterKind, kubeconfig: string): Promise<ClusterChoice> => {
  if (await hasPodAddresses()) return { kind, kubeconfig, wrap: asItIs };
  const why = `pods of this machine need addresses of ${podNetwork}; \`${addRoute}\` gives them`;
  return { kind: 'none', why };
};

const ownCluster = async (): Promise<ClusterChoice> => {
  const why = await programsRefused();
  if (why !== undefined) return { kind: 'none', why };
  const isolation: Isolation = (await hasPodAddresses())
    ? { kind: 'possible', wrap: asItIs }
    : findIsolation();
  if (isolation.kind === 'refused') return { kind: 'none', why: isolation.why };
  return { kind: 'own', kubeconfig: '', wrap: isolation.wrap };
};

const hasDocker = (): boolean => existsSync(dockerSocket) || (process.env.DOCKER_HOST ?? '') !== '';

const k3sCluster = async (): Promise<ClusterChoice> => {
  if (hasDocker()) return onThisNetwork('k3s', '');
  return { kind: 'none', why: `no Docker is here (neither ${dockerSocket} nor DOCKER_HOST)` };
};

const hasKubectl = (): boolean => spawnSync('kubectl', ['version', '--client']).error === undefined;

/** Looks at the environment and at the machine; says why where there is nothing to run on. */
export const chooseCluster = async (): Promise<ClusterChoice> => {
  if (!hasKubectl()) return { kind: 'none', why: 'kubectl is not installed' };
  const given = process.env[givenVariable] ?? '';
  if (given !== '') return onThisNetwork('given', given);
  const wanted = process.env[kindVariable] ?? '';
  if (wanted === 'own') return ownCluster();
  if (wanted === 'k3s') return k3sCluster();
  if (wanted !== '') {
    throw new Error(`${kindVariable} is ${JSON.stringify(wanted)}; it may be own or k3s.`);
  }
  const own = await ownCluster();
  if (own.kind !== 'none') return own;
  const k3s = await k3sCluster();
  return k3s.kind === 'none' ? { kind: 'none', why: `${own.why}; ${k3s.why}` } : k3s;
};
