/** The behaviour of a HorizontalPodAutoscaler as one window can say it, and what it cannot. */
import { isDeepStrictEqual } from 'node:util';
import type { HpaSpec, HpaSpecRules } from './hpa-spec.ts';
import { type Loss, lossOf } from './translation.ts';

/** What Kubernetes fills in where a direction says nothing of these. */
const defaults = {
  scaleUp: {
    stabilizationWindowSeconds: 0,
    selectPolicy: 'Max',
    policies: [
      { type: 'Pods', value: 4, periodSeconds: 15 },
      { type: 'Percent', value: 100, periodSeconds: 15 },
    ],
  },
  scaleDown: {
    stabilizationWindowSeconds: 300,
    selectPolicy: 'Max',
    policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
  },
} as const;

type Direction = keyof typeof defaults;
const directions = ['scaleUp', 'scaleDown'] as const;

const rateMessage =
  'Class hpa has no rules of its own for how fast replicas move: those of Kubernetes hold.';

/** The order of policies, and of their fields, means nothing. */
const inOrder = (value: unknown): unknown => {
  if (!Array.isArray(value)) return value;
  const written = (one: unknown): string =>
    JSON.stringify(Object.entries(Object(one)).sort(([left], [right]) => (left < right ? -1 : 1)));
  return value.map(written).sort();
};

const isDefaultOf = (direction: Direction, field: string, value: unknown): boolean => {
  const usual: Readonly<Record<string, unknown>> = defaults[direction];
  return Object.hasOwn(usual, field) && isDeepStrictEqual(inOrder(value), inOrder(usual[field]));
};

const rateLosses = (direction: Direction, rules: HpaSpecRules | null | undefined): Loss[] =>
  Object.entries(rules ?? {}).flatMap(([field, value]) =>
    field === 'stabilizationWindowSeconds' || value === null || isDefaultOf(direction, field, value)
      ? []
      : [lossOf(`spec.behavior.${direction}.${field}`, value, rateMessage)],
  );

const [windowMinSeconds, windowMaxSeconds] = [6, 3600];

export interface BehaviorRead {
  /** The window of both directions; undefined: those of Kubernetes hold. */
  readonly windowSeconds: number | undefined;
  readonly losses: readonly Loss[];
}

/** One window sets both directions; two that differ can be said when they are the usual ones. */
export const readHpaBehavior = (behavior: HpaSpec['behavior']): BehaviorRead => {
  if (behavior === null || behavior === undefined) return { windowSeconds: undefined, losses: [] };
  const losses = directions.flatMap((direction) => rateLosses(direction, behavior[direction]));
  const windowOf = (direction: Direction): number =>
    behavior[direction]?.stabilizationWindowSeconds ??
    defaults[direction].stabilizationWindowSeconds;
  const [up, down] = [windowOf('scaleUp'), windowOf('scaleDown')];
  const areUsual = directions.every(
    (direction) => windowOf(direction) === defaults[direction].stabilizationWindowSeconds,
  );
  if (areUsual) return { windowSeconds: undefined, losses };
  if (up === down && up >= windowMinSeconds && up <= windowMaxSeconds) {
    return { windowSeconds: up, losses };
  }
  const message =
    `Class hpa has one window for both directions, of ${windowMinSeconds} s to ` +
    `${windowMaxSeconds} s: it is left at the 0 s up and 300 s down of Kubernetes.`;
  const asked = { scaleUp: up, scaleDown: down };
  const path = 'spec.behavior.*.stabilizationWindowSeconds';
  return { windowSeconds: undefined, losses: [...losses, lossOf(path, asked, message)] };
};
