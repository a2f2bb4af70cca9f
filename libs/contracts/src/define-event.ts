/** How an event is defined: a name, a schema, and how older shapes become today's. */
import type { z } from 'zod';

/** Turns the data of one version into that of the next. */
export type Upcast = (data: never) => unknown;

export interface EventDefinition<Name extends string = string, Data = unknown> {
  readonly name: Name;
  /** The CloudEvents type without its version: `dev.flyball.scale-applied`. */
  readonly typePrefix: string;
  /** Upcasts + 1: it cannot be forgotten or skipped. */
  readonly version: number;
  readonly description: string;
  readonly schema: z.ZodType<Data>;
  readonly upcasts: readonly Upcast[];
}

export const eventTypePrefix = (name: string): string =>
  `dev.flyball.${name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()}`;

/**
 * Defines an event. `upcasts[n]` turns version n+1 into version n+2; a published shape is never
 * changed in place.
 */
export const defineEvent = <Name extends string, Data>(
  name: Name,
  description: string,
  schema: z.ZodType<Data>,
  upcasts: readonly Upcast[] = [],
): EventDefinition<Name, Data> => ({
  name,
  typePrefix: eventTypePrefix(name),
  version: upcasts.length + 1,
  description,
  schema,
  upcasts,
});

/** The full CloudEvents type of an event's newest version: `dev.flyball.decided.v1`. */
export const eventType = (definition: EventDefinition): string =>
  `${definition.typePrefix}.v${definition.version}`;

export type ReadData<Data> =
  | { readonly ok: true; readonly data: Data }
  | { readonly ok: false; readonly reason: string };

/** An upcast may trust its version's shape; that of a broken message is anything. */
const upcastFrom = (
  { name, upcasts }: EventDefinition,
  version: number,
  data: unknown,
): ReadData<unknown> => {
  try {
    const newest = upcasts
      .slice(version - 1)
      .reduce((older, upcast) => upcast(older as never), data);
    return { ok: true, data: newest };
  } catch (error) {
    return { ok: false, reason: `${name} v${version} cannot be brought up to date: ${error}` };
  }
};

/** Told of data that does not fit; a broken table would have one for each of its rows. */
const issuesMax = 10;

/** Read = upcast, then parse. Refuses versions that this code does not know yet. */
export const readData = <Data>(
  definition: EventDefinition<string, Data>,
  version: number,
  data: unknown,
): ReadData<Data> => {
  if (version < 1 || version > definition.version) {
    const known = `1 to ${definition.version}`;
    return { ok: false, reason: `${definition.name} v${version} is unknown here; known: ${known}` };
  }
  const upcast = upcastFrom(definition, version, data);
  if (!upcast.ok) return upcast;
  const parsed = definition.schema.safeParse(upcast.data);
  if (parsed.success) return { ok: true, data: parsed.data };
  const issues = parsed.error.issues
    .slice(0, issuesMax)
    .map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  return { ok: false, reason: `${definition.name}: ${issues.join('; ')}` };
};
