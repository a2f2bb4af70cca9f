/** Which passwords there have to be, which of them are missing, and which cannot be used. */
import { natsUsers } from '@flyball/contracts';

/** The Secrets, by the names that the manifests have for them. */
export const secretNames = { nats: 'nats-users', redis: 'redis-password' } as const;

/** What NATS takes as text in its configuration, and a URL and redis.conf without quotes. */
const usable = /^[A-Za-z][A-Za-z0-9]{15,127}$/;
const usableAllowed = '16 to 128 letters and digits, with a letter first';

/** How the servers of a NATS cluster know each other. */
const clusterUser = 'routes';
const natsKeys: readonly string[] = [...natsUsers, clusterUser];

/** The keys of a Secret as text. */
export type SecretData = Readonly<Record<string, string>>;

export interface SecretPlan {
  /** Keys to be added. */
  readonly missing: SecretData;
  /** One sentence for each key that cannot be used as it is. */
  readonly problems: readonly string[];
}

const problemIn = (secret: string, key: string, value: string | undefined): readonly string[] =>
  value === undefined || usable.test(value)
    ? []
    : [`${key} of Secret ${secret} cannot be used: give ${usableAllowed}.`];

/** A password per user of NATS, and one among its servers. `next` gives a new one. */
export const planNatsUsers = (given: SecretData, next: () => string): SecretPlan => {
  const missing = natsKeys.filter((user) => given[user] === undefined);
  return {
    missing: Object.fromEntries(missing.map((user) => [user, next()])),
    problems: natsKeys.flatMap((user) => problemIn(secretNames.nats, user, given[user])),
  };
};

const requirePassOf = (password: string): string => `requirepass ${password}\n`;
const redisConf = 'requirepass.conf';

/** The password of Redis, and the line of its configuration that says it. */
export const planRedis = (given: SecretData, next: () => string): SecretPlan => {
  const password = given.password ?? next();
  const wanted = { password, [redisConf]: requirePassOf(password) };
  const missing = Object.entries(wanted).filter(([key]) => given[key] === undefined);
  const isOther = given[redisConf] !== undefined && given[redisConf] !== wanted[redisConf];
  const problems = isOther
    ? [`${redisConf} of Secret ${secretNames.redis} must be \`requirepass\` and its password.`]
    : [];
  return {
    missing: Object.fromEntries(missing),
    problems: [...problemIn(secretNames.redis, 'password', given.password), ...problems],
  };
};
