/** Who we are to the API server: headers and connections, made anew when a secret rotates. */
import { existsSync, readFileSync } from 'node:fs';
import type { RequestOptions } from 'node:https';
import { OutsideError } from '@flyball/contracts';
import { KubeConfig } from '@kubernetes/client-node';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';

/** Tokens and certificates are looked at again after this; a refused call looks at once. */
const credentialsKeptMs = 10_000;
/** Calls at once on one process; further ones wait for a connection within their deadline. */
const callConnectionsMax = 64;
/** A watch holds its connection: there are as many as kinds and namespaces are followed. */
const watchConnectionsMax = null;
/** Below the 90 s after which servers close idle connections. */
const keepAliveMs = 60_000;
const connectTimeoutMs = 5_000;

/** Where a pod finds the token of its service account. */
const serviceAccountToken = '/var/run/secrets/kubernetes.io/serviceaccount/token';

export interface Credentials {
  readonly headers: Readonly<Record<string, string>>;
  readonly dispatchers: Dispatchers;
}

/** Connections of their own for each, so that no number of watches keeps a call waiting. */
export interface Dispatchers {
  readonly calls: Dispatcher;
  readonly watches: Dispatcher;
}

export interface CredentialSource {
  /** The API server's address, without a slash at its end. */
  readonly server: string;
  current(): Promise<Credentials>;
  /** The server did not know us: the next call reads the secrets again. */
  distrust(): void;
  close(): Promise<void>;
}

const unreadable = (path: string, error: unknown): OutsideError => {
  const reason = error instanceof Error ? error.message : String(error);
  const allowed = 'a kubeconfig with a current context, or none in a pod';
  const message = `the kubeconfig ${path} cannot be used: ${reason}; allowed: ${allowed}`;
  return new OutsideError('FILE_UNREADABLE', message, { retriable: false, cause: error });
};

const chooseContext = (kubeConfig: KubeConfig, context: string): void => {
  if (kubeConfig.getContextObject(context) === null) {
    const known = kubeConfig.getContexts().map(({ name }) => name);
    throw new Error(`it has no context ${context}, but ${known.join(', ') || 'none at all'}`);
  }
  kubeConfig.setCurrentContext(context);
};

/** The client's own answer where nothing names a cluster is one that is not there. */
const loadNamed = (kubeConfig: KubeConfig): void => {
  kubeConfig.loadFromDefault();
  if (kubeConfig.getCurrentContext() !== 'loaded-context') return;
  throw new Error('there is none, neither by KUBECONFIG nor as ~/.kube/config');
};

/**
 * `path`; where it is empty the pod's service account, else what KUBECONFIG or the home says. A
 * context that is named is one of the file's. Throws FILE_UNREADABLE.
 */
export const readKubeConfig = (path: string, context?: string): KubeConfig => {
  const kubeConfig = new KubeConfig();
  try {
    if (path !== '') kubeConfig.loadFromFile(path);
    else if (context === undefined && existsSync(serviceAccountToken)) kubeConfig.loadFromCluster();
    else loadNamed(kubeConfig);
    if (context !== undefined) chooseContext(kubeConfig, context);
    if (kubeConfig.getCurrentCluster() === null) throw new Error('it names no current cluster');
  } catch (error) {
    throw unreadable(path === '' ? '(default)' : path, error);
  }
  return kubeConfig;
};

/** Undefined while the file is being replaced: what was read before stays in use. */
const rereadKubeConfig = (path: string, context?: string): KubeConfig | undefined => {
  try {
    return readKubeConfig(path, context);
  } catch (error) {
    if (error instanceof OutsideError) return undefined;
    throw error;
  }
};

const headersOf = (options: RequestOptions): Record<string, string> => {
  const given = (options.headers ?? {}) as Record<string, unknown>;
  const headers = Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name.toLowerCase(), String(value).trim()]),
  );
  if (typeof options.auth !== 'string') return headers;
  return { ...headers, authorization: `Basic ${Buffer.from(options.auth).toString('base64')}` };
};

/** What of the options concerns the connection itself. */
const tlsOf = ({ ca, cert, key, passphrase, servername, rejectUnauthorized }: RequestOptions) =>
  Object.fromEntries(
    Object.entries({ ca, cert, key, passphrase, servername, rejectUnauthorized }).filter(
      ([, value]) => value !== undefined,
    ),
  );

const dispatcherFor = (
  kubeConfig: KubeConfig,
  options: RequestOptions,
  connections: number | null,
): Dispatcher => {
  const limits = { connections, pipelining: 1, allowH2: false };
  const times = { keepAliveTimeout: keepAliveMs, keepAliveMaxTimeout: keepAliveMs };
  const tls = tlsOf(options);
  const proxyUrl = kubeConfig.getCurrentCluster()?.proxyUrl;
  if (proxyUrl === undefined) {
    return new Agent({ ...limits, ...times, connect: { ...tls, timeout: connectTimeoutMs } });
  }
  if (!/^https?:/.test(proxyUrl)) {
    const message = `the kubeconfig's proxy-url ${proxyUrl} is not supported; allowed: http, https`;
    throw new OutsideError('PLATFORM_REFUSED', message, { retriable: false });
  }
  return new ProxyAgent({ ...limits, ...times, uri: proxyUrl, requestTls: tls });
};

const dispatchersFor = (kubeConfig: KubeConfig, options: RequestOptions): Dispatchers => ({
  calls: dispatcherFor(kubeConfig, options, callConnectionsMax),
  watches: dispatcherFor(kubeConfig, options, watchConnectionsMax),
});

const bothOf = ({ calls, watches }: Dispatchers): readonly Dispatcher[] => [calls, watches];

/** Two with the same fingerprint can share connections. */
const fingerprintOf = ({ ca, cert, key }: RequestOptions): string =>
  JSON.stringify([ca, cert, key].map((one) => String(one ?? '')));

interface Known {
  readonly credentials: Credentials;
  readonly fingerprint: string;
  readonly readAtMs: number;
}

const isFresh = (known: Known | undefined): known is Known =>
  known !== undefined && performance.now() - known.readAtMs < credentialsKeptMs;

/** Secrets of a kubeconfig, kept for seconds; connections stay as long as their TLS stays. */
export const createCredentialSource = (path: string, context?: string): CredentialSource => {
  let kubeConfig = readKubeConfig(path, context);
  let known: Known | undefined;
  let reading: Promise<Credentials> | undefined;
  const read = async (): Promise<Credentials> => {
    const options: RequestOptions = {};
    await kubeConfig.applyToHTTPSOptions(options);
    const fingerprint = fingerprintOf(options);
    const before = known;
    const kept = before?.fingerprint === fingerprint ? before.credentials.dispatchers : undefined;
    const dispatchers = kept ?? dispatchersFor(kubeConfig, options);
    const credentials = { headers: headersOf(options), dispatchers };
    known = { credentials, fingerprint, readAtMs: performance.now() };
    // Calls in flight end on the connections that they have.
    if (kept === undefined && before !== undefined) {
      for (const one of bothOf(before.credentials.dispatchers)) {
        void one.close().catch(() => undefined);
      }
    }
    return credentials;
  };
  return {
    server: (kubeConfig.getCurrentCluster()?.server ?? '').replace(/\/+$/, ''),
    current: () => {
      if (isFresh(known)) return Promise.resolve(known.credentials);
      reading ??= read().finally(() => {
        reading = undefined;
      });
      return reading;
    },
    distrust: () => {
      if (known === undefined) return;
      known = { ...known, readAtMs: Number.NEGATIVE_INFINITY };
      // The client keeps tokens for a minute or longer; another reader of the file has none yet.
      kubeConfig = rereadKubeConfig(path, context) ?? kubeConfig;
    },
    close: async () => {
      if (known === undefined) return;
      await Promise.all(bothOf(known.credentials.dispatchers).map((one) => one.destroy()));
    },
  };
};

/** The namespace of the pod's own service account; undefined outside of a cluster. */
export const ownNamespace = (): string | undefined => {
  try {
    const file = serviceAccountToken.replace(/token$/, 'namespace');
    return readFileSync(file, 'utf8').trim() || undefined;
  } catch {
    return undefined;
  }
};
