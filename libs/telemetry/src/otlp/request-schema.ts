/** What an OTLP request must look like, in JSON or from protobuf; unknown fields are let be. */
import { z } from 'zod';

/** JSON writes ids in hexadecimal digits, protobuf in bytes. */
const hexDigits = z.preprocess(
  (value) => (value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value),
  z.string().toLowerCase(),
);

const id = (bytes: number) => {
  const pattern = new RegExp(`^(?!0+$)[0-9a-f]{${2 * bytes}}$`);
  return hexDigits.refine(
    (value) => pattern.test(value),
    `must be ${bytes} bytes, not all of them zero`,
  );
};

/** Absent, empty and all zeros are the same: it has no parent. */
const parentId = hexDigits
  .refine((value) => /^([0-9a-f]{16})?$/.test(value), 'must be 8 bytes, or empty')
  .transform((value) => (/^0*$/.test(value) ? null : value))
  .nullish()
  .transform((value) => value ?? null);

/** Larger ones than JavaScript counts exactly too: JSON may write 64 bits without quotes. */
const anyWhole = z.number().refine(Number.isInteger, 'must be a whole number');

const unixNanosMax = 2n ** 64n - 1n;

/** Nanoseconds since 1970: more than a number of JavaScript can hold, so they come as text. */
const unixNanos = z
  .union([z.string().regex(/^\d{1,20}$/, 'must be a whole number'), anyWhole.min(0)])
  .transform((value) => BigInt(value))
  .refine((value) => value <= unixNanosMax, 'must fit into 64 bits');

const wholeNumber = z.union([z.string().regex(/^-?\d{1,20}$/), anyWhole]).transform(Number);

/** Of several kinds of values the first that is there; lists and maps are not kept. */
const anyValue = z
  .object({
    stringValue: z.string().nullish(),
    boolValue: z.boolean().nullish(),
    intValue: wholeNumber.nullish(),
    doubleValue: z.union([z.number(), z.enum(['NaN', 'Infinity', '-Infinity'])]).nullish(),
  })
  .nullish()
  .transform((value) => {
    const { stringValue, boolValue, intValue, doubleValue } = value ?? {};
    const given = stringValue ?? boolValue ?? intValue ?? doubleValue ?? null;
    return typeof given === 'number' && !Number.isFinite(given) ? String(given) : given;
  });

/** Ends at the first item that is wrong: an array of Zod's would make an issue of each. */
const list = <Item extends z.ZodType>(item: Item) =>
  z
    .unknown()
    .optional()
    .transform((given, { issues }): z.output<Item>[] => {
      const items: z.output<Item>[] = [];
      if (given === undefined || given === null) return items;
      if (!Array.isArray(given)) {
        issues.push({ code: 'invalid_type', expected: 'array', input: given });
        return z.NEVER;
      }
      for (const [index, one] of given.entries()) {
        const parsed = item.safeParse(one);
        if (!parsed.success) {
          const { message = 'is wrong', path = [] } = parsed.error.issues[0] ?? {};
          issues.push({ code: 'custom', message, path: [index, ...path], input: one });
          return z.NEVER;
        }
        items.push(parsed.data);
      }
      return items;
    });

const attributes = list(z.object({ key: z.string(), value: anyValue }));

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const link = z.object({ traceId: id(16), spanId: id(8), attributes });

const span = z.object({
  traceId: id(16),
  spanId: id(8),
  parentSpanId: parentId,
  name: text,
  kind: z.int().nullish(),
  startTimeUnixNano: unixNanos.refine((nanos) => nanos > 0n, 'must be set'),
  endTimeUnixNano: unixNanos.nullish(),
  attributes,
  links: list(link),
  status: z.object({ message: text, code: z.int().nullish() }).nullish(),
});

/** ExportTraceServiceRequest. */
export const requestSchema = z.object({
  resourceSpans: list(
    z.object({
      resource: z.object({ attributes }).nullish(),
      scopeSpans: list(z.object({ spans: list(span) })),
    }),
  ),
});

export type TracesRequest = z.output<typeof requestSchema>;
export type RequestSpan = z.output<typeof span>;
export type RequestAttributes = z.output<typeof attributes>;
