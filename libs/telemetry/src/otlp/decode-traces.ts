/** Reads an OTLP request into spans, all of them or none. */
import type { ReceivedSpan } from '../received-span.ts';
import { hasTooManyEntries, hasTooManyOnWire, requestEntriesMax } from './count-entries.ts';
import { requestSchema } from './request-schema.ts';
import { requestOfProtobuf, requestType } from './request-type.ts';
import { spansOfRequest } from './spans-of-request.ts';

/** The two encodings of OTLP/HTTP. */
export const otlpTypes = {
  json: 'application/json',
  protobuf: 'application/x-protobuf',
} as const;
export type OtlpType = (typeof otlpTypes)[keyof typeof otlpTypes];

export type DecodedTraces =
  | { readonly ok: true; readonly spans: readonly ReceivedSpan[] }
  | { readonly ok: false; readonly reason: string };

/** Undefined where there is more in it than is taken. */
const readers: Readonly<Record<OtlpType, (body: Uint8Array) => unknown>> = {
  'application/json': (body) => {
    const data: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    return hasTooManyEntries(requestType, data) ? undefined : data;
  },
  'application/x-protobuf': (body) =>
    hasTooManyOnWire(requestType, body) ? undefined : requestOfProtobuf(body),
};

type Read =
  | { readonly ok: true; readonly document: unknown }
  | { readonly ok: false; readonly reason: string };

const tooMany =
  `the body holds more than ${requestEntriesMax} resources, scopes, spans, links and attributes; ` +
  'send fewer spans at once';

const readAs = (type: OtlpType, body: Uint8Array): Read => {
  try {
    const document = readers[type](body);
    return document === undefined ? { ok: false, reason: tooMany } : { ok: true, document };
  } catch {
    return { ok: false, reason: `the body cannot be read as ${type}` };
  }
};

/** Never throws: whatever was sent, it is spans or a sentence why not. */
export const decodeTraces = (type: OtlpType, body: Uint8Array): DecodedTraces => {
  const read = readAs(type, body);
  if (!read.ok) return read;
  const request = requestSchema.safeParse(read.document);
  if (!request.success) {
    const issue = request.error.issues[0];
    return { ok: false, reason: `${issue?.path.join('.')}: ${issue?.message}` };
  }
  return { ok: true, spans: spansOfRequest(request.data) };
};
