/** One setting that a user can write: how its text is read, what is allowed, what is sound. */
import type { Policy } from '@flyball/contracts';
import { type Complaint, complaintAt, type Place } from './complaint.ts';
import { parseGoDuration } from './go-duration.ts';
import { isInteger, parseGoBool, parseGoFloat, parseGoInt } from './go-number.ts';

export type Behaviour = Policy['behaviour'];

export interface Setting<V> {
  readonly key: string;
  /** The older camelCase spelling, full key; the kebab-case one wins. */
  readonly camelKey?: string;
  /** Keys that the range depends on: Knative's errors blame them too. */
  readonly related: readonly string[];
  /** For people: the range or list. */
  readonly allowed: string;
  readonly parse: (text: string) => V | undefined;
  /** What Knative's own validation lets through. */
  readonly accepts: (value: V) => boolean;
  /** What makes sense beyond that; `behaviour: knative` only warns about the rest. */
  readonly sound: (value: V) => boolean;
  /** What a policy can hold at all, which is what Knative uses unvalidated. */
  readonly usable: (value: V) => boolean;
  /** What to say when the text cannot be read. */
  readonly unreadable: (text: string) => string;
}

interface Limits<V> {
  readonly allowed: string;
  readonly related?: readonly string[];
  readonly camelKey?: string;
  readonly accepts?: (value: V) => boolean;
  readonly sound?: (value: V) => boolean;
  readonly usable?: (value: V) => boolean;
}

const always = (): boolean => true;

const define = <V>(
  key: string,
  parse: Setting<V>['parse'],
  unreadable: Setting<V>['unreadable'],
  limits: Limits<V>,
): Setting<V> => ({
  key,
  ...(limits.camelKey === undefined ? {} : { camelKey: limits.camelKey }),
  allowed: limits.allowed,
  related: limits.related ?? [],
  parse,
  unreadable,
  accepts: limits.accepts ?? always,
  sound: limits.sound ?? always,
  usable: limits.usable ?? limits.accepts ?? always,
});

/** The largest scale that Kubernetes can hold. */
export const largestScale = 2_147_483_647;

export const integerSetting = (key: string, limits: Limits<number>, bits: 32 | 64 = 32) =>
  define<number>(
    key,
    (text) => parseGoInt(text, bits),
    (text) => (isInteger(text) ? 'is outside of what an integer can be' : 'is not a whole number'),
    limits,
  );

/** NaN and infinities are numbers to Knative; they are never sound here. */
export const numberSetting = (key: string, limits: Limits<number>) =>
  define<number>(key, parseGoFloat, () => 'is not a number', {
    ...limits,
    sound: (value) => Number.isFinite(value) && (limits.sound ?? always)(value),
    usable: (value) => Number.isFinite(value) && (limits.usable ?? limits.accepts ?? always)(value),
  });

export const durationSetting = (key: string, limits: Limits<number>) =>
  define<number>(
    key,
    parseGoDuration,
    (text) =>
      parseGoFloat(text) === undefined
        ? 'is not a duration such as 60s or 1m30s'
        : `has no unit: write ${text}s for seconds`,
    limits,
  );

export const switchSetting = (key: string) =>
  define<boolean>(key, parseGoBool, () => 'is neither true nor false', {
    allowed: 'true or false',
  });

export const textSetting = (key: string, limits: Limits<string>) =>
  define<string>(
    key,
    (text) => text,
    () => 'is not text',
    limits,
  );

/** What a reader makes of the text; `reason` says why it cannot: "is not …". */
export const readSettingBy = <V>(
  key: string,
  read: (text: string) => { readonly value: V } | { readonly reason: string },
  limits: Limits<V>,
) =>
  define<V>(
    key,
    (text) => {
      const made = read(text);
      return 'value' in made ? made.value : undefined;
    },
    (text) => {
      const made = read(text);
      return 'value' in made ? 'cannot be read' : made.reason;
    },
    limits,
  );

/** A list of words; anything else is unreadable. */
export const choiceSetting = <C extends string>(key: string, choices: readonly C[]) =>
  define<C>(
    key,
    (text) => choices.find((choice) => choice === text),
    () => 'is not one of the choices',
    { allowed: choices.join(' or ') },
  );

export const isWholeSeconds = (durationMs: number): boolean => durationMs % 1000 === 0;

export interface Reading<V> {
  /** Present when the value may be used as far as validation goes. */
  readonly value?: V;
  /** The value as Knative would use it unvalidated. */
  readonly lenient?: V;
  readonly complaints: readonly Complaint[];
}

/** Reads one given text by its setting; a text is used, or complained of, or both. */
export const readSetting = <V>(
  setting: Setting<V>,
  given: { key: string; text: string; place: Place; behaviour: Behaviour },
): Reading<V> => {
  const { key, text, place, behaviour } = given;
  const complain = (
    severity: Complaint['severity'],
    what: string,
    related: readonly string[] = [],
  ): Complaint =>
    complaintAt(place, {
      severity,
      key,
      keys: [key, ...related],
      value: text,
      message: `${key} ${what}.`,
      allowed: setting.allowed,
    });
  const value = setting.parse(text);
  if (value === undefined) return { complaints: [complain('error', setting.unreadable(text))] };
  const lenient = setting.usable(value) ? { lenient: value } : {};
  const outside = complain('error', 'is outside of the allowed range', setting.related);
  if (!setting.accepts(value)) return { ...lenient, complaints: [outside] };
  if (setting.sound(value)) return { value, ...lenient, complaints: [] };
  return behaviour === 'knative'
    ? { value, ...lenient, complaints: [complain('warning', 'makes no sense, Knative accepts it')] }
    : { complaints: [outside] };
};
