/** The kinds of settings a service can have, each with its default, its bounds and its sentence. */
import { z } from 'zod';

/** What is known of a setting beside its schema; the README tables are made from it. */
export interface SettingMeta {
  /** One sentence: what it is for. */
  readonly about: string;
  /** Which values are allowed, in words. */
  readonly allowed: string;
  /** Never printed. */
  readonly secret: boolean;
  /** The default as one would write it into the environment. */
  readonly written: string;
}

/** A setting is read from text; without any it is its default. */
export type Setting<Value> = z.ZodType<Value, string | undefined>;

const metas = new WeakMap<object, SettingMeta>();

const described = <Value>(schema: Setting<Value>, meta: SettingMeta): Setting<Value> => {
  metas.set(schema, meta);
  return schema;
};

/** The description of a setting made by the functions of this file. */
export const settingMeta = (setting: object): SettingMeta => {
  const meta = metas.get(setting);
  if (meta === undefined) throw new Error('A setting must be made by the functions of setting.ts.');
  return meta;
};

interface TextOptions {
  readonly about: string;
  readonly fallback: string;
  readonly pattern?: RegExp;
  readonly allowed?: string;
  readonly secret?: boolean;
}

/** Text, checked by a pattern when one is given. */
export const text = (options: TextOptions): Setting<string> => {
  const { about, fallback, pattern = /^.*$/, allowed = 'any text', secret = false } = options;
  const schema = z.string().regex(pattern, allowed).default(fallback);
  return described(schema, { about, allowed, secret, written: fallback });
};

interface IntegerOptions {
  readonly about: string;
  readonly fallback: number;
  readonly min: number;
  readonly max: number;
}

/** A whole number between bounds, both included. */
export const integer = ({ about, fallback, min, max }: IntegerOptions): Setting<number> => {
  const allowed = `a whole number from ${min} to ${max}`;
  const schema = z
    .string()
    .regex(/^-?\d{1,15}$/, allowed)
    .transform(Number)
    .pipe(z.int().min(min, allowed).max(max, allowed))
    .default(fallback);
  return described(schema, { about, allowed, secret: false, written: String(fallback) });
};

interface ShareOptions {
  readonly about: string;
  readonly fallback: number;
}

/** A share of a whole: 0 to 1, both included. */
export const share = ({ about, fallback }: ShareOptions): Setting<number> => {
  const allowed = 'a number from 0 to 1';
  const schema = z
    .string()
    .regex(/^(?:[01](?:\.\d{1,9})?|\.\d{1,9})$/, allowed)
    .transform(Number)
    .pipe(z.number().min(0, allowed).max(1, allowed))
    .default(fallback);
  return described(schema, { about, allowed, secret: false, written: String(fallback) });
};

interface ChoiceOptions<Value extends string> {
  readonly about: string;
  readonly fallback: Value;
  readonly values: readonly [Value, ...Value[]];
}

/** One of a few words. */
export const choice = <Value extends string>(options: ChoiceOptions<Value>): Setting<Value> => {
  const { about, fallback, values } = options;
  const allowed = `one of ${values.join(', ')}`;
  const schema = z.string().pipe(z.enum(values as readonly string[] as [string, ...string[]]));
  return described(schema.default(fallback) as Setting<string> as Setting<Value>, {
    about,
    allowed,
    secret: false,
    written: fallback,
  });
};

/** `true` or `false`. */
export const flag = (options: { about: string; fallback: boolean }): Setting<boolean> => {
  const allowed = 'true or false';
  const schema = z
    .string()
    .regex(/^(true|false)$/, allowed)
    .transform((value) => value === 'true')
    .default(options.fallback);
  const written = String(options.fallback);
  return described(schema, { about: options.about, allowed, secret: false, written });
};

interface NamesOptions {
  readonly about: string;
  readonly fallback: readonly string[];
}

const namePattern = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(,(?!$)|$))*$/;

/** Kubernetes names with commas between; none is the empty text. */
export const names = ({ about, fallback }: NamesOptions): Setting<readonly string[]> => {
  const allowed = 'DNS labels with commas between, or nothing';
  const schema = z
    .string()
    .regex(namePattern, allowed)
    .transform((value): readonly string[] => value.split(',').filter((name) => name !== ''))
    .default(fallback);
  return described(schema, { about, allowed, secret: false, written: fallback.join(',') });
};

interface UrlOptions {
  readonly about: string;
  readonly fallback: string;
  readonly protocols: readonly string[];
  /** May be empty: then the service does without. */
  readonly optional?: boolean;
  /** Several may be given, with commas between. */
  readonly several?: boolean;
  /** True when it may carry a password. */
  readonly secret?: boolean;
}

const areUrls = (value: string, { protocols, several = false }: UrlOptions): boolean =>
  (several ? value.split(',') : [value]).every((one) => isUrl(one, protocols));

const isUrl = (value: string, protocols: readonly string[]): boolean =>
  URL.canParse(value) && protocols.includes(new URL(value).protocol.slice(0, -1));

/** A URL of one of some protocols, or several of them. */
export const url = (options: UrlOptions): Setting<string> => {
  const { about, fallback, protocols, optional = false, secret = false } = options;
  const allowed = `a URL that begins with ${protocols.map((p) => `${p}://`).join(' or ')}`;
  const schema = z
    .string()
    .refine((value) => (optional && value === '') || areUrls(value, options), allowed)
    .default(fallback);
  return described(schema, { about, allowed, secret, written: fallback });
};
