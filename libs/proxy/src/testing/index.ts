/** Test support for others: a gRPC service with its client, and HTTP/2 as bytes. */

export * from './grpc-talk.ts';
export * from './http2-frames.ts';
