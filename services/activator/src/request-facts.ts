/** What a span says of a request: who asked for what, by which pod it was answered, what failed. */
import type { WorkloadKey } from '@flyball/contracts';
import type { EndReason, ProxyRequest } from '@flyball/proxy';
import {
  type Attributes,
  attributeNames,
  type FinishedSpan,
  type RequestFacts,
} from '@flyball/telemetry';
import type { RequestContext } from './request-context.ts';
import type { Sending } from './request-trace.ts';

/** The methods of RFC 9110 and PATCH; anything else could be anything, and is not a name. */
const namedMethods: ReadonlySet<string> = new Set(
  'CONNECT DELETE GET HEAD OPTIONS PATCH POST PUT TRACE'.split(' '),
);

const methodOf = ({ method }: ProxyRequest): string =>
  namedMethods.has(method) ? method : '_OTHER';

/** Without the query: it may hold what is nobody's business. */
const pathOf = ({ path }: ProxyRequest): string => {
  const query = path.indexOf('?');
  return query < 0 ? path : path.slice(0, query);
};

/** The facts of a request whose span has this context. */
export const requestFacts = (request: ProxyRequest, context: RequestContext): RequestFacts => ({
  context,
  parentSpanId: context.parentSpanId,
  method: methodOf(request),
  path: pathOf(request),
  host: request.host.replace(/:\d+$/, ''),
  scheme: 'http',
  protocolVersion: request.httpVersion,
});

/** Failures of ours, in words; what a pod answered and what a client did wrong speak for it. */
const failures: Readonly<Partial<Record<EndReason, string>>> = {
  timedOut: 'no pod could take it in time',
  shed: 'it could not wait for a pod: too many did, or its workload or this activator ended',
  noPod: 'no pod had room for it',
  podFailed: 'its pod did not answer properly',
  podTimedOut: 'its pod took longer to answer than allowed',
};

/** What went wrong, where the answer's status does not say it best. */
export const failureOf = (reason: EndReason): string | undefined => failures[reason];

export interface SendingStory {
  readonly request: ProxyRequest;
  readonly workload: WorkloadKey;
  readonly context: RequestContext;
  readonly sending: Sending;
  readonly endMs: number;
  /** What the pod answered; null: nothing. */
  readonly status: number | null;
  readonly error: string | undefined;
}

const sendingAttributes = ({ request, workload, sending, status }: SendingStory): Attributes => ({
  [attributeNames.workload]: workload,
  [attributeNames.pod]: sending.pod,
  'http.request.method': methodOf(request),
  'url.scheme': 'http',
  'url.path': pathOf(request),
  'server.address': sending.host,
  'server.port': sending.port,
  ...(status === null ? {} : { 'http.response.status_code': status }),
  ...(sending.resends === 0 ? {} : { 'http.request.resend_count': sending.resends }),
});

/** A request's way to a pod and back: below the request, and above whatever the pod tells. */
export const sendingSpan = (story: SendingStory): FinishedSpan => {
  const { context, sending, status, endMs } = story;
  const answered = status !== null && status >= 500 ? `answered ${status}` : null;
  return {
    traceId: context.traceId,
    spanId: sending.spanId,
    parentSpanId: context.spanId,
    name: methodOf(story.request),
    kind: 'client',
    startMs: sending.startMs,
    endMs: Math.max(sending.startMs, endMs),
    attributes: sendingAttributes(story),
    links: [],
    error: story.error ?? answered,
  };
};
