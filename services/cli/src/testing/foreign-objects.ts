/** Objects of other autoscalers, as kubectl prints them. */
import { type ForeignObject, foreignObjectSchema } from '../import/foreign-object.ts';

export const foreign = (
  apiVersion: string,
  kind: string,
  name: string,
  rest: Record<string, unknown> = {},
): ForeignObject => {
  const { metadata = {}, ...fields } = rest as { metadata?: Record<string, unknown> };
  const head = { apiVersion, kind, metadata: { namespace: 'shop', name, ...metadata } };
  return foreignObjectSchema.parse({ ...head, ...fields });
};

export const hpa = (spec: Record<string, unknown> = {}, version = 'autoscaling/v2') =>
  foreign(version, 'HorizontalPodAutoscaler', 'web', {
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
      maxReplicas: 10,
      ...spec,
    },
  });

export const cpuMetric = {
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } },
};

export const httpScaledObject = (spec: Record<string, unknown> = {}) =>
  foreign('http.keda.sh/v1alpha1', 'HTTPScaledObject', 'web', {
    spec: {
      hosts: ['web.example.com'],
      scaleTargetRef: { name: 'web', service: 'web-service', port: 80 },
      ...spec,
    },
  });

export const knativeService = (
  template: Record<string, unknown> = {},
  spec: Record<string, unknown> = {},
) =>
  foreign('serving.knative.dev/v1', 'Service', 'hello', {
    spec: {
      template: { spec: { containers: [{ image: 'example.com/hello:1' }] }, ...template },
      ...spec,
    },
  });
