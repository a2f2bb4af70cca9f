import { expect, it } from 'vitest';
import { callNameOf } from './call-name.ts';

it.each([
  ['GET', '/api/v1/pods?limit=500', 'list', 'pods'],
  ['GET', '/api/v1/namespaces/web/pods/a', 'get', 'pods'],
  ['GET', '/api/v1/namespaces', 'list', 'namespaces'],
  ['GET', '/api/v1/namespaces/web', 'get', 'namespaces'],
  ['GET', '/apis/apps/v1/deployments?watch=true&x=y', 'watch', 'deployments'],
  ['PATCH', '/apis/apps/v1/namespaces/a/deployments/b/scale?x', 'patch', 'deployments/scale'],
  ['PUT', '/api/v1/namespaces/a/services/b/status', 'update', 'services/status'],
  ['POST', '/api/v1/namespaces/a/events', 'create', 'events'],
  ['DELETE', '/apis/discovery.k8s.io/v1/namespaces/a/endpointslices/b', 'delete', 'endpointslices'],
  ['GET', '/version', 'get', '/version'],
  ['GET', '/apis/apps/v1', 'get', '/apis/apps/v1'],
])('%s %s is %s %s', (method, path, verb, resource) => {
  expect(callNameOf(method, path)).toEqual({ verb, resource });
});
