/** What has to be there before anything runs: the passwords, then the streams and buckets. */
import { randomBytes } from 'node:crypto';
import { OutsideError } from '@flyball/contracts';
import { createStreams } from '@flyball/event-log';
import { connectCluster, ownNamespace } from '@flyball/platform/kubernetes';
import type { z } from 'zod';
import type { setUpConfig } from './config.ts';
import { ensureSecret } from './ensure-secret.ts';
import { planNatsUsers, planRedis, type SecretData, secretNames } from './passwords.ts';
import { untilDone } from './until-done.ts';

const passwordBytes = 24;
const dayMs = 86_400_000;
/** Servers that have no leader yet leave a question unanswered; it is soon asked again. */
const answerMaxMs = 5_000;

export type SetUpConfig = Readonly<z.infer<typeof setUpConfig>>;

export interface SetUpNews {
  /** A step is done. */
  done(step: string): void;
  /** A step failed, and is tried again. */
  failed(step: string, error: unknown): void;
}

/** A letter first: NATS reads a text that begins with digits as a number. */
const newPassword = (): string => `p${randomBytes(passwordBytes).toString('hex')}`;

const namespaceOf = ({ secretsNamespace }: SetUpConfig): string => {
  const namespace = secretsNamespace === '' ? ownNamespace() : secretsNamespace;
  if (namespace !== undefined) return namespace;
  const message = 'This is no pod: say with FLYBALL_SECRETS_NAMESPACE where the Secrets are.';
  throw new OutsideError('FILE_UNREADABLE', message, { retriable: false });
};

const ensureSecrets = async (config: SetUpConfig): Promise<SecretData> => {
  const namespace = namespaceOf(config);
  const access = connectCluster({ kubeconfig: config.kubeconfig, namespaces: [namespace] });
  const ensure = (name: string, plan: typeof planRedis): Promise<SecretData> =>
    ensureSecret(access, { namespace, name, plan: (given) => plan(given, newPassword) });
  try {
    const [users] = await Promise.all([
      ensure(secretNames.nats, planNatsUsers),
      ensure(secretNames.redis, planRedis),
    ]);
    return users;
  } finally {
    await access.close();
  }
};

const makeStreams = (config: SetUpConfig, password: string): Promise<void> => {
  const { natsUrl, partitionCount, streamReplicas } = config;
  return createStreams(
    {
      ...{ servers: natsUrl, user: 'admin', password, name: 'set-up' },
      limits: { purgeMs: answerMaxMs },
    },
    {
      partitionCount,
      replicas: streamReplicas,
      eventsMaxAgeMs: config.eventsKeptDays * dayMs,
      minutesMaxAgeMs: config.minutesKeptDays * dayMs,
    },
  );
};

/** Makes what is missing and changes nothing that is there: it may run any number of times. */
export const setUp = async (config: SetUpConfig, news: SetUpNews): Promise<void> => {
  const step = async <Result>(name: string, work: () => Promise<Result>): Promise<Result> => {
    const onFailed = (error: unknown): void => news.failed(name, error);
    const result = await untilDone({ limitMs: config.waitMs, onFailed }, work);
    news.done(name);
    return result;
  };
  const { admin = '' } = await step('passwords', () => ensureSecrets(config));
  await step('streams', () => makeStreams(config, admin));
};
