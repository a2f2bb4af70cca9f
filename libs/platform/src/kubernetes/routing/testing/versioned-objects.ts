/** One Service and its slices with versions, which a stale write is refused by. */
import type { Routing } from '@flyball/contracts';
import type { V1EndpointSlice, V1Service } from '@kubernetes/client-node';
import type { SaidAnswer, SentCall } from '../../testing/answering-server.ts';
import { routingAnnotations } from '../public-service.ts';
import { serviceWith } from './routed-objects.ts';

export interface VersionedObjects {
  readonly answer: (call: SentCall) => SaidAnswer;
  readonly service: () => V1Service;
  readonly slices: () => readonly V1EndpointSlice[];
  /** Writes a decision on the Service, and nothing else. */
  readonly decide: (routing: Routing) => void;
}

interface Versioned {
  readonly metadata?: { readonly resourceVersion?: string; readonly annotations?: object };
}

const refused: SaidAnswer = { status: 409, body: { message: 'it has been changed or is there' } };
const missing: SaidAnswer = { status: 404, body: { message: 'it is not there' } };

/** All but its version, which a write that changes nothing else leaves, as in Kubernetes. */
const contentOf = (object: Versioned | undefined): string =>
  JSON.stringify({ ...object, metadata: { ...object?.metadata, resourceVersion: '' } });

export const createVersionedObjects = (): VersionedObjects => {
  let service: V1Service = serviceWith();
  const slices = new Map<string, V1EndpointSlice>();
  let version = 1;
  const stamped = <Kind extends Versioned>(object: Kind): Kind => {
    version += 1;
    return { ...object, metadata: { ...object.metadata, resourceVersion: `${version}` } };
  };
  service = stamped(service);
  const annotate = (added: object): void => {
    const annotations = { ...service.metadata?.annotations, ...added };
    service = stamped({ ...service, metadata: { ...service.metadata, annotations } });
  };

  const patchService = ({ metadata }: V1Service): SaidAnswer => {
    if (metadata?.resourceVersion !== service.metadata?.resourceVersion) return refused;
    annotate(metadata?.annotations ?? {});
    return { body: service };
  };
  const create = (slice: V1EndpointSlice): SaidAnswer => {
    const name = slice.metadata?.name ?? '';
    if (slices.has(name)) return refused;
    slices.set(name, stamped(slice));
    return { status: 201, body: slices.get(name) };
  };
  const change = (name: string, { method, body }: SentCall): SaidAnswer => {
    const known = slices.get(name);
    if (known === undefined) return missing;
    const seen =
      method === 'DELETE'
        ? (body as { preconditions: { resourceVersion: string } }).preconditions
        : ((body as V1EndpointSlice).metadata ?? {});
    if (seen.resourceVersion !== known.metadata?.resourceVersion) return refused;
    if (method === 'DELETE') slices.delete(name);
    else if (contentOf(known) !== contentOf(body as V1EndpointSlice)) {
      slices.set(name, stamped(body as V1EndpointSlice));
    }
    return { body: slices.get(name) ?? {} };
  };

  return {
    service: () => service,
    slices: () => [...slices.values()],
    decide: (routing) => annotate(routingAnnotations('web', routing)),
    answer: (call) => {
      const path = call.path.split('?')[0] ?? '';
      const name = /endpointslices\/(.+)$/.exec(path)?.[1];
      if (name !== undefined) return change(name, call);
      if (call.method === 'POST') return create(call.body as V1EndpointSlice);
      if (path.endsWith('/endpointslices')) return { body: { items: [...slices.values()] } };
      if (call.method === 'PATCH') return patchService(call.body as V1Service);
      return { body: path.endsWith('/services') ? { items: [service] } : service };
    },
  };
};
