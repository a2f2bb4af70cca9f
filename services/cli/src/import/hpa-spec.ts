/** The spec of a HorizontalPodAutoscaler as its two versions write it, in the form of v2. */
import { z } from 'zod';

const targetRef = z.looseObject({
  apiVersion: z.string().default('apps/v1'),
  kind: z.string(),
  name: z.string().min(1),
});

const quantity = z.union([z.string(), z.number()]).transform(String);

const metricTarget = z.looseObject({
  type: z.string(),
  averageUtilization: z.number().optional(),
  averageValue: quantity.optional(),
  value: quantity.optional(),
});

const metricSchema = z.looseObject({
  type: z.string(),
  resource: z.looseObject({ name: z.string(), target: metricTarget }).optional(),
  pods: z
    .looseObject({
      metric: z.looseObject({ name: z.string(), selector: z.unknown().optional() }),
      target: metricTarget,
    })
    .optional(),
});

const rulesSchema = z.looseObject({ stabilizationWindowSeconds: z.int().nullish() });

const bounds = {
  scaleTargetRef: targetRef,
  minReplicas: z.int().min(0).nullish(),
  maxReplicas: z.int().min(1),
};

const versionTwo = z.looseObject({
  ...bounds,
  metrics: z.array(metricSchema).nullish(),
  behavior: z
    .looseObject({ scaleUp: rulesSchema.nullish(), scaleDown: rulesSchema.nullish() })
    .nullish(),
});

const percentageSchema = z.int().min(1).nullish();
const versionOne = z.looseObject({ ...bounds, targetCPUUtilizationPercentage: percentageSchema });

const cpuMetric = (averageUtilization: number) => ({
  type: 'Resource',
  resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } },
});

export type HpaSpec = z.infer<typeof versionTwo>;
export type HpaSpecMetric = z.infer<typeof metricSchema>;
export type HpaSpecRules = z.infer<typeof rulesSchema>;

/** The versions that can be read. */
export const hpaVersions = ['autoscaling/v2', 'autoscaling/v1'] as const;

/** Reads a spec of one of those versions. */
export const readHpaSpec = (
  apiVersion: string,
  spec: unknown,
): z.ZodSafeParseResult<HpaSpec> | z.ZodSafeParseError<unknown> => {
  if (apiVersion !== 'autoscaling/v1') return versionTwo.safeParse(spec);
  const read = versionOne.safeParse(spec);
  if (!read.success) return read;
  const { targetCPUUtilizationPercentage: percentage, ...rest } = read.data;
  return versionTwo.safeParse({
    ...rest,
    ...(typeof percentage === 'number' ? { metrics: [cpuMetric(percentage)] } : {}),
  });
};
