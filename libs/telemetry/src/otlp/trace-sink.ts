/** The receiving end of OTLP/HTTP for traces, whatever server it stands in. */
import { gunzipSync } from 'node:zlib';
import type { TraceStore } from '../store/trace-store.ts';
import { decodeTraces, type OtlpType, otlpTypes } from './decode-traces.ts';
import { protobufOfStatus, type RpcStatus } from './request-type.ts';

/** A request's body, and what it may become when it is unpacked. */
export const traceBodyBytesMax = 4 * 1_048_576;

export interface TraceSinkOptions {
  readonly store: Pick<TraceStore, 'add'>;
  /** By default `traceBodyBytesMax`. */
  readonly bodyBytesMax?: number;
}

export interface SinkAnswer {
  readonly status: 200 | 400 | 413 | 415;
  readonly contentType: string;
  readonly body: Uint8Array;
}

export interface TraceSink {
  /**
   * Answers one POST to `/v1/traces`; `contentType` and `encoding` are the request's headers
   * `content-type` and `content-encoding`. Never throws; what it refuses is kept not even in part.
   */
  handle(
    contentType: string | undefined,
    encoding: string | undefined,
    body: Uint8Array,
  ): SinkAnswer;
}

/** google.rpc.Code. */
const invalidArgument = 3;
const resourceExhausted = 8;

const encodeJson = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

const refuse = (
  type: OtlpType,
  status: Exclude<SinkAnswer['status'], 200>,
  message: string,
): SinkAnswer => {
  const code = status === 413 ? resourceExhausted : invalidArgument;
  const why: RpcStatus = { code, message };
  const body = type === otlpTypes.json ? encodeJson(why) : protobufOfStatus(why);
  return { status, contentType: type, body };
};

/** ExportTraceServiceResponse without a partial success: all of it was taken. */
const accepted = (type: OtlpType): SinkAnswer => ({
  status: 200,
  contentType: type,
  body: type === otlpTypes.json ? encodeJson({}) : new Uint8Array(),
});

type Unpacked =
  | { readonly ok: true; readonly body: Uint8Array }
  | { readonly ok: false; readonly isTooLarge: boolean };

const unpack = (packed: Uint8Array, bytesMax: number): Unpacked => {
  try {
    return { ok: true, body: gunzipSync(packed, { maxOutputLength: bytesMax }) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return { ok: false, isTooLarge: code === 'ERR_BUFFER_TOO_LARGE' };
  }
};

const typeOf = (contentType: string | undefined): OtlpType | undefined => {
  const given = (contentType ?? '').split(';')[0]?.trim().toLowerCase();
  return Object.values(otlpTypes).find((type) => type === given);
};

/** Takes OTLP in JSON and in protobuf, plain or packed by gzip, into a store. */
export const createTraceSink = ({
  store,
  bodyBytesMax = traceBodyBytesMax,
}: TraceSinkOptions): TraceSink => {
  const tooLarge = (type: OtlpType): SinkAnswer =>
    refuse(type, 413, `the body is larger than ${bodyBytesMax} bytes; send fewer spans at once`);
  const take = (type: OtlpType, body: Uint8Array): SinkAnswer => {
    const decoded = decodeTraces(type, body);
    if (!decoded.ok) return refuse(type, 400, decoded.reason);
    store.add(decoded.spans);
    return accepted(type);
  };
  return {
    handle: (contentType, encoding, body) => {
      const type = typeOf(contentType);
      if (type === undefined) {
        const allowed = Object.values(otlpTypes).join(' or ');
        const given = `content-type "${contentType ?? ''}"`;
        return refuse(otlpTypes.json, 415, `${given} is not taken; send ${allowed}`);
      }
      if (body.byteLength > bodyBytesMax) return tooLarge(type);
      const packing = (encoding ?? '').trim().toLowerCase() || 'identity';
      if (packing === 'identity') return take(type, body);
      if (packing !== 'gzip') {
        return refuse(type, 415, `content-encoding "${packing}" is not taken; send gzip or none`);
      }
      const unpacked = unpack(body, bodyBytesMax);
      if (unpacked.ok) return take(type, unpacked.body);
      return unpacked.isTooLarge ? tooLarge(type) : refuse(type, 400, 'the body is not gzip');
    },
  };
};
