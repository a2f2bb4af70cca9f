/** The parameters of requests: each with what is allowed, all problems told at once. */
import { type WorkloadKey, workloadKey } from '@flyball/contracts';
import { isWorkloadName } from '../wire.ts';
import { isRefusal, type Refusal, refused } from './refusal.ts';

export interface Param<Value> {
  /** In words. */
  readonly allowed: string;
  /** Undefined: not allowed. */
  readonly read: (text: string) => Value | undefined;
}

export type AnyParams = Readonly<Record<string, Param<unknown>>>;

/** What was given of them. */
export type Given<Params> = {
  readonly [Name in keyof Params]?: Params[Name] extends Param<infer Value> ? Value : never;
};

const wholeNumber = /^\d{1,16}$/;

/** A whole number between bounds, both included. */
export const whole = (min: number, max: number, what = 'a whole number'): Param<number> => ({
  allowed: `${what} from ${min} to ${max}`,
  read: (text) => {
    const value = wholeNumber.test(text) ? Number(text) : Number.NaN;
    return value >= min && value <= max ? value : undefined;
  },
});

/** The last moment that a date can be. */
const lastMs = 8_640_000_000_000_000;

/** A moment, UTC milliseconds. */
export const moment: Param<number> = whole(0, lastMs, 'a whole number of UTC milliseconds');

/** One of a few words. */
export const oneOf = <Value extends string>(values: readonly Value[]): Param<Value> => ({
  allowed: `one of ${values.join(', ')}`,
  read: (text) => values.find((value) => value === text),
});

/** `namespace/name`, as Kubernetes allows them. */
export const workloadParam: Param<WorkloadKey> = {
  allowed: 'namespace/name, each as Kubernetes allows it: a-z, 0-9, - and, in the name, dots',
  read: (text) => {
    const [namespace = '', name = ''] = text.split('/');
    return isWorkloadName(text) ? workloadKey(namespace, name) : undefined;
  },
};

/** A problem, or the value. */
const readOne = (name: string, param: Param<unknown>, given: unknown): unknown => {
  const value = typeof given === 'string' ? param.read(given) : undefined;
  if (value !== undefined) return value;
  const said = typeof given === 'string' ? JSON.stringify(given) : 'given more than once';
  return refused('BAD_REQUEST', `${name}=${said} is wrong: give ${param.allowed}.`);
};

/** Reads the query of a request; what is not known is refused rather than passed over. */
export const readParams = <Params extends AnyParams>(
  params: Params,
  query: unknown,
): Given<Params> | Refusal => {
  const given = Object.entries((query ?? {}) as Readonly<Record<string, unknown>>);
  const known = Object.keys(params);
  const read = given.map(([name, value]): readonly [string, unknown] => {
    // Only own names: `constructor` is known to every object.
    const param = Object.hasOwn(params, name) ? params[name] : undefined;
    if (param !== undefined) return [name, readOne(name, param, value)];
    const allowed = known.length === 0 ? 'none' : known.join(', ');
    return [name, refused('BAD_REQUEST', `${name} is not a parameter of this: ${allowed}.`)];
  });
  const problems = read.flatMap(([, value]) => (isRefusal(value) ? [value.error.message] : []));
  if (problems.length > 0) return refused('BAD_REQUEST', problems.join(' '));
  return Object.fromEntries(read) as Given<Params>;
};
