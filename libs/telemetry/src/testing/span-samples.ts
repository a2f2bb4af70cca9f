/** Spans that hold everything a span may hold. */
import type { FinishedSpan } from '../finished-span.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';

/** A request that was held, and a decision made for it, linked to another trace. */
export const spanSamples: readonly FinishedSpan[] = [
  {
    traceId,
    spanId: 'b7ad6b7169203331',
    parentSpanId: '00f067aa0ba902b7',
    name: 'GET',
    kind: 'server',
    startMs: 1_767_264_090_250.125,
    endMs: 1_767_264_090_901.875,
    attributes: {
      'flyball.workload': 'default/web',
      'flyball.phase': 'received',
      'http.response.status_code': 200,
      'flyball.share': 0.25,
      'flyball.cold': true,
    },
    links: [],
    error: null,
  },
  {
    traceId,
    spanId: '1111111111111111',
    parentSpanId: 'b7ad6b7169203331',
    name: 'scale',
    kind: 'client',
    startMs: 1_767_264_090_260,
    endMs: 1_767_264_090_260,
    attributes: { 'flyball.workload': 'default/web', 'flyball.phase': 'apply' },
    links: [
      {
        traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
        spanId: '2222222222222222',
        attributes: { 'flyball.link': 'waits' },
      },
      { traceId: '4bf92f3577b34da6a3ce929d0e0e4737', spanId: '3333333333333333', attributes: {} },
    ],
    error: 'PLATFORM_CONFLICT: the object changed — 変わった',
  },
  {
    traceId: 'ffffffffffffffffffffffffffffffff',
    spanId: '4444444444444444',
    parentSpanId: null,
    name: 'process flyball.samples.{partition}',
    kind: 'consumer',
    startMs: 1_767_264_090_260.001,
    endMs: 1_767_264_095_260.999,
    attributes: { 'nats.sequence': 9_007_199_254_740_991, 'flyball.partition': 0 },
    links: [],
    error: null,
  },
  {
    traceId: 'ffffffffffffffffffffffffffffffff',
    spanId: '5555555555555555',
    parentSpanId: '4444444444444444',
    name: 'send flyball.events.{partition}.ticks',
    kind: 'producer',
    startMs: 1_767_264_090_999.9995,
    endMs: 1_767_264_091_000,
    attributes: {},
    links: [],
    error: null,
  },
  {
    traceId: 'ffffffffffffffffffffffffffffffff',
    spanId: '6666666666666666',
    parentSpanId: '4444444444444444',
    name: '',
    kind: 'internal',
    startMs: 1_767_264_091_000,
    endMs: 1_767_264_091_000.5,
    attributes: { 'flyball.reason': '' },
    links: [],
    error: null,
  },
];
