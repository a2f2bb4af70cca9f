/** A NATS URL as people write it: servers with commas between, and perhaps who asks. */

/** Where it says nothing, it is who the verb works as. */
export interface GivenLogin {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

export interface NatsAddress {
  /** Without who asks, so that they may be shown. */
  readonly servers: readonly string[];
  readonly login: GivenLogin;
}

const schemes = ['nats:', 'tls:'];
const allowed =
  'allowed: nats://HOST:PORT or tls://HOST:PORT, with USER:PASSWORD@ before the host where the ' +
  'environment does not say them, and with commas between several';

interface Server {
  readonly server: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
}

const decoded = (text: string): string | undefined => {
  if (text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch {
    // A lone percent sign stands for itself.
    return text;
  }
};

const serverOf = (given: string): Server | undefined => {
  const text = given.trim();
  const url = URL.parse(text.includes('://') ? text : `nats://${text}`);
  if (url === null || !schemes.includes(url.protocol) || url.hostname === '') return undefined;
  if (!['', '/'].includes(url.pathname) || url.search !== '' || url.hash !== '') return undefined;
  const { protocol, host, username, password } = url;
  return {
    server: `${protocol}//${host}`,
    user: decoded(username),
    password: decoded(password),
  };
};

/** The servers, and the login of the first that names one; else why not, without the text. */
export const parseNatsAddress = (given: string): NatsAddress | string => {
  const servers = given.split(',').map(serverOf);
  const known = servers.filter((server) => server !== undefined);
  if (known.length < servers.length) return `is no URL of NATS; ${allowed}.`;
  const login = known.find(({ user }) => user !== undefined);
  return {
    servers: known.map(({ server }) => server),
    login: { user: login?.user, password: login?.password },
  };
};
