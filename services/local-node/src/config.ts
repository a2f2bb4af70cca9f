/** The local-node's settings. */
import { defineConfig, integer, leaselessSettings, platformToken, text } from '@flyball/service';

const isCommand = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((word) => typeof word === 'string' && word !== '');

export const localNodeConfig = defineConfig({
  ...leaselessSettings,
  nodeHost: text({
    about: 'Address on which the API listens.',
    fallback: '127.0.0.1',
    pattern: /^\S+$/,
    allowed: 'an IP address or host name',
  }),
  nodePort: integer({
    about: 'Port of the same; 0 takes a free one.',
    fallback: 7070,
    min: 0,
    max: 65_535,
  }),
  nodeFolder: text({
    about: 'Where objects, the record of pods and their logs are kept.',
    fallback: '.flyball/node',
    pattern: /^.+$/,
    allowed: 'a directory',
  }),
  podFolder: text({
    about: 'Directory in which the commands of pods run; empty: that of the local-node.',
    fallback: '',
    allowed: 'a directory',
  }),
  platformToken,
  queueProxyCommand: text({
    about: 'Program and arguments of the queue-proxy, as a JSON array; empty: there is none.',
    fallback: '',
    pattern: /^(\[\s*".*"\s*\])?$/,
    allowed: 'a JSON array of texts, for instance ["node","queue-proxy.ts"]',
  }),
  podsMax: integer({
    about: 'Pods that may run at once; more are started when others have ended.',
    fallback: 500,
    min: 1,
    max: 10_000,
  }),
  podDelayMs: integer({
    about: 'Holds the start of each pod back, for measurements.',
    fallback: 0,
    min: 0,
    max: 600_000,
  }),
  podDrainDelayMs: integer({
    about: 'How long a draining pod is left alone at first, while all that send to it learn of it.',
    fallback: 1_000,
    min: 0,
    max: 60_000,
  }),
  podGraceMs: integer({
    about: 'Between SIGTERM and SIGKILL of a pod that drains.',
    fallback: 10_000,
    min: 0,
    max: 600_000,
  }),
  podShutdownGraceMs: integer({
    about: 'The same when the local-node itself ends; must be less than FLYBALL_DRAIN_LIMIT_MS.',
    fallback: 5_000,
    min: 0,
    max: 500_000,
  }),
});

/** The command of a setting written as a JSON array; undefined when it is none. */
export const parseCommand = (setting: string): readonly string[] | undefined => {
  if (setting === '') return [];
  try {
    const words: unknown = JSON.parse(setting);
    return isCommand(words) && words.length > 0 ? words : undefined;
  } catch {
    return undefined;
  }
};
