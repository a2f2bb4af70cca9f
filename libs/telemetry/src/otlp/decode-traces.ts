/** Reads an OTLP request into spans, all of them or none. */
import type { ReceivedSpan } from '../received-span.ts';
import { requestSchema } from './request-schema.ts';
import { requestOfProtobuf } from './request-type.ts';
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

const readers: Readonly<Record<OtlpType, (body: Uint8Array) => unknown>> = {
  'application/json': (body) => JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body)),
  'application/x-protobuf': requestOfProtobuf,
};

type Read = { readonly ok: true; readonly document: unknown } | { readonly ok: false };

const readAs = (type: OtlpType, body: Uint8Array): Read => {
  try {
    return { ok: true, document: readers[type](body) };
  } catch {
    return { ok: false };
  }
};

/** Never throws: whatever was sent, it is spans or a sentence why not. */
export const decodeTraces = (type: OtlpType, body: Uint8Array): DecodedTraces => {
  const read = readAs(type, body);
  if (!read.ok) return { ok: false, reason: `the body cannot be read as ${type}` };
  const request = requestSchema.safeParse(read.document);
  if (!request.success) {
    const issue = request.error.issues[0];
    return { ok: false, reason: `${issue?.path.join('.')}: ${issue?.message}` };
  }
  return { ok: true, spans: spansOfRequest(request.data) };
};
