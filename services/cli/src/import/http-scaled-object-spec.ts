/** The spec of an HTTPScaledObject (http.keda.sh/v1alpha1), as far as it is translated. */
import { z } from 'zod';

const wholeCount = z.int().min(0);

export const httpScaledObjectSpec = z.looseObject({
  hosts: z.array(z.string()).nullish(),
  pathPrefixes: z.array(z.string()).nullish(),
  headers: z.array(z.unknown()).nullish(),
  scaleTargetRef: z.looseObject({
    name: z.string().nullish(),
    apiVersion: z.string().nullish(),
    kind: z.string().nullish(),
    service: z.string().nullish(),
  }),
  coldStartTimeoutFailoverRef: z.unknown().optional(),
  replicas: z.looseObject({ min: wholeCount.nullish(), max: wholeCount.nullish() }).nullish(),
  targetPendingRequests: z.number().nullish(),
  scaledownPeriod: wholeCount.nullish(),
  initialCooldownPeriod: wholeCount.nullish(),
  scalingMetric: z
    .looseObject({
      concurrency: z.looseObject({ targetValue: z.number().nullish() }).nullish(),
      requestRate: z
        .looseObject({
          targetValue: z.number().nullish(),
          window: z.string().nullish(),
          granularity: z.string().nullish(),
        })
        .nullish(),
    })
    .nullish(),
  timeouts: z.looseObject({}).nullish(),
});

export type HttpScaledObjectSpec = z.infer<typeof httpScaledObjectSpec>;

/** What the add-on takes where the object says nothing. */
export const httpScaledObjectDefaults = {
  targetValue: 100,
  replicasMax: 100,
  scaledownPeriodSeconds: 300,
  window: '1m',
  granularity: '1s',
} as const;
