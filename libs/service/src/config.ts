/** Configuration from FLYBALL_* variables: every problem at once, then frozen. */
import { closest, distance } from 'fastest-levenshtein';
import { z } from 'zod';
import { settingMeta } from './setting.ts';

/** Environment variables as `process.env` gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A strict object of settings: camelCase keys become FLYBALL_SNAKE_CASE variables. */
export type ConfigSchema = z.ZodObject<z.ZodRawShape>;

export interface ConfigProblem {
  /** The variable: FLYBALL_NATS_URL. */
  readonly name: string;
  /** As given, or the default; `***` for a secret. */
  readonly value: string;
  /** What may be given, in words. */
  readonly allowed: string;
}

export type ConfigRead<Config> =
  | { readonly ok: true; readonly config: Readonly<Config>; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

const prefix = 'FLYBALL_';

/** Read by the command line, the set-up or some of the services, and harmless to the others. */
const knownElsewhere: readonly string[] = ['FLYBALL_DATA', 'FLYBALL_HOME', 'FLYBALL_TRACES_URL'];

/** A typing error is at most this far from the name that was meant. */
const nearestDistanceMax = 6;

/** `natsUrl` → `FLYBALL_NATS_URL`. */
export const variableOf = (key: string): string =>
  prefix + key.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

const unknownVariables = (
  env: Environment,
  known: readonly string[],
  alsoKnown: readonly string[],
): readonly string[] => {
  const names = Object.keys(env).filter((name) => name.startsWith(prefix));
  const unknown = names.filter(
    (name) => ![...known, ...alsoKnown, ...knownElsewhere].includes(name),
  );
  return unknown.map((name) => {
    const nearest = closest(name, known as string[]);
    const meant = distance(name, nearest) <= nearestDistanceMax ? ` Did you mean ${nearest}?` : '';
    return `${name} is not a setting of this service.${meant}`;
  });
};

const problemOf = (
  setting: object,
  key: string,
  given: string | undefined,
  issue: z.core.$ZodIssue,
): ConfigProblem => {
  const { allowed, secret, written } = settingMeta(setting);
  const value = secret ? '***' : (given ?? written);
  // What settings ask of one another is known to their schema only.
  return {
    name: variableOf(key),
    value,
    allowed: issue.code === 'custom' ? issue.message : allowed,
  };
};

/**
 * Reads a service's settings. An empty variable counts as not set. Unknown FLYBALL_ variables are
 * warnings with the nearest name, unless `alsoKnown` says that another part of the process has it.
 */
export const readConfig = <Config>(
  schema: ConfigSchema & z.ZodType<Config>,
  env: Environment,
  alsoKnown: readonly string[] = [],
): ConfigRead<Config> => {
  const keys = Object.keys(schema.shape);
  const values = keys.flatMap((key) => {
    const value = env[variableOf(key)];
    return value === undefined || value === '' ? [] : [[key, value] as const];
  });
  const given: Readonly<Record<string, string>> = Object.fromEntries(values);
  const parsed = schema.safeParse(given);
  if (parsed.success) {
    const warnings = unknownVariables(env, keys.map(variableOf), alsoKnown);
    return { ok: true, config: Object.freeze(parsed.data) as Config, warnings };
  }
  const { issues } = parsed.error;
  const problems = keys.flatMap((key) => {
    const issue = issues.find(({ path }) => path[0] === key);
    return issue === undefined
      ? []
      : [problemOf(schema.shape[key] as object, key, given[key], issue)];
  });
  return { ok: false, problems };
};

/** All problems as text, one line each. */
export const describeProblems = (problems: readonly ConfigProblem[]): string =>
  problems
    .map(
      ({ name, value, allowed }) => `${name}=${JSON.stringify(value)} is wrong: give ${allowed}.`,
    )
    .join('\n');

/** A settings object for a service: `defineConfig({ ...commonSettings, tickMs: integer(…) })`. */
export const defineConfig = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape);
