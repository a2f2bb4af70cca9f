/** The settings of the set-up. */
import { maxPartitionCount } from '@flyball/event-log';
import { choice, commonSettings, defineConfig, integer, logLevels, text } from '@flyball/service';

const { natsUrl } = commonSettings;

export const setUpConfig = defineConfig({
  natsUrl,
  kubeconfig: text({
    about: 'File that says where the cluster is; empty: the one that this pod is in.',
    fallback: '',
    allowed: 'a path',
  }),
  secretsNamespace: text({
    about: 'Where the Secrets with the passwords are; empty: the namespace of this pod.',
    fallback: '',
    pattern: /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$/,
    allowed: 'a namespace: up to 63 of a-z, 0-9 and -, not - first or last',
  }),
  partitionCount: integer({
    about: 'Partitions of the log; cannot be changed after the first start.',
    fallback: 8,
    min: 1,
    max: maxPartitionCount,
  }),
  streamReplicas: integer({
    about: 'Replicas of every stream; more than 1 needs as many NATS servers.',
    fallback: 1,
    min: 1,
    max: 5,
  }),
  eventsKeptDays: integer({
    about: 'Days for which events are kept; 0 keeps them for ever.',
    fallback: 0,
    min: 0,
    max: 36_500,
  }),
  minutesKeptDays: integer({
    about: 'Days for which recorded minutes, most of the bytes, are kept; 0 keeps them for ever.',
    fallback: 0,
    min: 0,
    max: 36_500,
  }),
  waitMs: integer({
    about: 'Longest time to wait until the cluster and NATS answer.',
    fallback: 600_000,
    min: 1_000,
    max: 3_600_000,
  }),
  logLevel: choice({ about: 'Lowest level that is logged.', fallback: 'info', values: logLevels }),
});
