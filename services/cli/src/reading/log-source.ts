/** Which Flyball a verb is to read: of this machine, behind a NATS, or of a cluster. */
import { type Context, defaultDataFolder } from '../context.ts';
import { type GivenLogin, type NatsAddress, parseNatsAddress } from './nats-address.ts';

/** What the command line says of it. */
export interface SourceOptions {
  /** The data folder of a Flyball on this machine. */
  readonly data?: string | undefined;
  /** URL of the NATS that keeps the log. */
  readonly nats?: string | undefined;
  /** The Flyball of a Kubernetes cluster. */
  readonly cluster?: boolean | undefined;
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  /** Where on the cluster Flyball itself runs. */
  readonly systemNamespace?: string | undefined;
}

export interface NatsSource extends NatsAddress {
  readonly kind: 'nats';
}

export interface ClusterSource {
  readonly kind: 'cluster';
  /** Empty: as kubectl finds it. */
  readonly kubeconfig: string;
  /** Undefined: the kubeconfig's own. */
  readonly context: string | undefined;
  readonly namespace: string;
  readonly login: GivenLogin;
}

export type LogSource =
  | { readonly kind: 'data'; readonly folder: string }
  | NatsSource
  | ClusterSource;

type Env = Context['env'];

export const defaultSystemNamespace = 'flyball-system';

/** An empty variable says nothing. */
const said = (value: string | undefined): string | undefined => (value === '' ? undefined : value);

const loginOf = (env: Env): GivenLogin => ({
  user: said(env.FLYBALL_NATS_USER),
  password: said(env.FLYBALL_NATS_PASSWORD),
});

/** A sentence when the URL cannot be used; it says nothing of a password that is in it. */
const natsSource = (url: string, named: string, env: Env): LogSource | string => {
  const address = parseNatsAddress(url);
  if (typeof address === 'string') return `${named} ${address}`;
  const { user, password } = loginOf(env);
  const { servers, login } = address;
  const known = { user: login.user ?? user, password: login.password ?? password };
  return { kind: 'nats', servers, login: known };
};

/**
 * The options first, then FLYBALL_DATA, then FLYBALL_NATS_URL, then the usual data folder. Gives a
 * sentence when what is said cannot be used.
 */
export const logSourceOf = (options: SourceOptions, env: Env): LogSource | string => {
  const { data, nats, cluster = false, kubeconfig = '', context } = options;
  if (cluster) {
    const namespace = options.systemNamespace ?? defaultSystemNamespace;
    return { kind: 'cluster', kubeconfig, context, namespace, login: loginOf(env) };
  }
  if (nats !== undefined) return natsSource(nats, '--nats', env);
  const folder = data ?? said(env.FLYBALL_DATA);
  if (folder !== undefined) return { kind: 'data', folder };
  const url = said(env.FLYBALL_NATS_URL);
  if (url !== undefined) return natsSource(url, 'FLYBALL_NATS_URL', env);
  return { kind: 'data', folder: defaultDataFolder };
};
