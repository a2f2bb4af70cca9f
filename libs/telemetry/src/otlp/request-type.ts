/** OTLP's messages of traces on the wire, as far as they are kept: the rest is skipped. */
import protobuf from 'protobufjs';

const root = protobuf.Root.fromJSON({
  nested: {
    ExportTraceServiceRequest: {
      fields: { resourceSpans: { rule: 'repeated', type: 'ResourceSpans', id: 1 } },
    },
    ResourceSpans: {
      fields: {
        resource: { type: 'Resource', id: 1 },
        scopeSpans: { rule: 'repeated', type: 'ScopeSpans', id: 2 },
      },
    },
    Resource: { fields: { attributes: { rule: 'repeated', type: 'KeyValue', id: 1 } } },
    ScopeSpans: { fields: { spans: { rule: 'repeated', type: 'Span', id: 2 } } },
    Span: {
      fields: {
        traceId: { type: 'bytes', id: 1 },
        spanId: { type: 'bytes', id: 2 },
        parentSpanId: { type: 'bytes', id: 4 },
        name: { type: 'string', id: 5 },
        kind: { type: 'int32', id: 6 },
        startTimeUnixNano: { type: 'fixed64', id: 7 },
        endTimeUnixNano: { type: 'fixed64', id: 8 },
        attributes: { rule: 'repeated', type: 'KeyValue', id: 9 },
        links: { rule: 'repeated', type: 'Link', id: 13 },
        status: { type: 'Status', id: 15 },
      },
    },
    Link: {
      fields: {
        traceId: { type: 'bytes', id: 1 },
        spanId: { type: 'bytes', id: 2 },
        attributes: { rule: 'repeated', type: 'KeyValue', id: 4 },
      },
    },
    Status: { fields: { message: { type: 'string', id: 2 }, code: { type: 'int32', id: 3 } } },
    KeyValue: { fields: { key: { type: 'string', id: 1 }, value: { type: 'AnyValue', id: 2 } } },
    // Lists and maps of values are not kept: what is not described here cannot be nested.
    AnyValue: {
      fields: {
        stringValue: { type: 'string', id: 1 },
        boolValue: { type: 'bool', id: 2 },
        intValue: { type: 'int64', id: 3 },
        doubleValue: { type: 'double', id: 4 },
      },
      oneofs: {
        value: { oneof: ['stringValue', 'boolValue', 'intValue', 'doubleValue'] },
      },
    },
    // google.rpc.Status: why a request was refused.
    RpcStatus: { fields: { code: { type: 'int32', id: 1 }, message: { type: 'string', id: 2 } } },
  },
});

/** ExportTraceServiceRequest. */
export const requestType = root.lookupType('ExportTraceServiceRequest');
const rpcStatusType = root.lookupType('RpcStatus');

/**
 * The request as plain data: numbers of 64 bits and those that are none (NaN, Infinity) as text, as
 * JSON has them. Throws when it is not protobuf.
 */
export const requestOfProtobuf = (body: Uint8Array): unknown =>
  requestType.toObject(requestType.decode(body), { longs: String, json: true });

export interface RpcStatus {
  readonly code: number;
  readonly message: string;
}

/** The refusal in protobuf. */
export const protobufOfStatus = (status: RpcStatus): Uint8Array =>
  rpcStatusType.encode(rpcStatusType.fromObject({ ...status })).finish();
