/** Opens the log of the Flyball on a cluster: its password, a way to its NATS, a connection. */
import { OutsideError } from '@flyball/contracts';
import { type ClusterAccess, connectCluster } from '@flyball/platform/kubernetes';
import { connectLog, type LogUser, type OpenLog } from '../reading/connect-log.ts';
import type { ClusterSource } from '../reading/log-source.ts';
import { forwardToPart } from './forward-to-part.ts';
import { withRight } from './missing-right.ts';
import type { PodPart } from './ready-pods.ts';

type Asking = Pick<ClusterAccess, 'request'>;

/** What the set-up makes; its keys are the users of NATS. */
const usersSecret = 'nats-users';

interface Secret {
  readonly data?: Readonly<Record<string, string>>;
}

const isOf = (error: unknown, code: OutsideError['code']): error is OutsideError =>
  error instanceof OutsideError && error.code === code;

const noFlyball = (namespace: string, cause: unknown): OutsideError => {
  const message =
    `No Flyball is in the namespace ${namespace} of this cluster: it has no Secret ` +
    `${usersSecret}. Name the namespace with --system-namespace, or install one ` +
    '(`flyball install`).';
  return new OutsideError('NOT_RUNNING', message, { retriable: false, cause });
};

const readPassword = async (cluster: Asking, namespace: string, user: string): Promise<string> => {
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${usersSecret}`;
  let secret: Secret;
  try {
    secret = await cluster.request<Secret>({ path });
  } catch (error) {
    if (isOf(error, 'PLATFORM_GONE')) throw noFlyball(namespace, error);
    const right = `get the Secret ${usersSecret} in ${namespace}`;
    throw withRight(error, `${right}, or the password of ${user} in FLYBALL_NATS_PASSWORD`);
  }
  const password = secret.data?.[user];
  if (password !== undefined) return Buffer.from(password, 'base64').toString();
  const known = Object.keys(secret.data ?? {}).join(', ');
  const message = `The Secret ${namespace}/${usersSecret} has no user ${user}, but ${known}.`;
  throw new OutsideError('NATS_REFUSED', message, { retriable: false });
};

const natsPart: PodPart = {
  name: 'NATS',
  label: 'app.kubernetes.io/name=nats',
  portName: 'nats',
  usualPort: 4222,
};

/** Rejects with NOT_RUNNING, PLATFORM_… or NATS_… errors; each says what to do. */
export const openClusterLog = async (
  source: ClusterSource,
  as: LogUser,
  signal: AbortSignal,
): Promise<OpenLog> => {
  const { kubeconfig, context, namespace, login } = source;
  const { user = as } = login;
  await using parts = new AsyncDisposableStack();
  const cluster = connectCluster({ kubeconfig, context, namespaces: [] });
  parts.defer(() => cluster.close());
  const password = login.password ?? (await readPassword(cluster, namespace, user));
  const forwarding = await forwardToPart(cluster, source, natsPart);
  parts.defer(() => forwarding.close());
  const access = {
    ...{ user, password, ownServersOnly: true },
    servers: [`nats://127.0.0.1:${forwarding.port}`],
    mendLogin: `It is NATS of ${namespace} by a port-forward: look at its Secret ${usersSecret}.`,
    mendServer: `It is NATS of ${namespace} by a port-forward: look at its pods.`,
  };
  const connected = await connectLog(access, signal);
  parts.defer(() => connected.log.close());
  const kept = parts.move();
  return { ...connected, close: () => kept.disposeAsync() };
};
