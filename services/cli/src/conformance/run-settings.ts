/** Runs the vectors of settings: resolve, config and annotations. */
import {
  autoscalerKeys,
  type Complaint,
  hasErrors,
  parseConfigAutoscaler,
  requestsPerSecondUtilization,
  validateAnnotations,
} from '@flyball/knative';
import { compareAnswers, type Difference } from './difference.ts';
import { namedAlgorithm, resolvedAnswers, resolveSettings } from './resolve-settings.ts';
import type { Vector } from './vector-schemas.ts';

/** Annotations and ConfigMap to effective values. */
export const runResolve = (vector: Vector<'resolve'>): Difference[] => {
  const resolved = resolveSettings(vector);
  const { expected } = vector;
  const validity = compareAnswers({
    expected: { valid: 'resolved' in expected },
    got: { valid: resolved !== undefined },
  });
  if (resolved === undefined || !('resolved' in expected)) return validity;
  return compareAnswers({
    expected: namedAlgorithm(expected.resolved),
    got: resolvedAnswers(resolved.policy, vector),
  });
};

const errorsOf = (complaints: readonly Complaint[]): readonly Complaint[] =>
  complaints.filter(({ severity }) => severity === 'error');

/** The keys that Knative's text names. It stops at its first fault; we go on. */
const keysNamedIn = (text: string): string[] => {
  const words = new Set(text.match(/[a-z][a-z-]*[a-z]/g));
  return autoscalerKeys.filter((key) => words.has(key));
};

/** ConfigMap data to values, or to the key that is at fault. */
export const runConfig = ({ config: data, expected }: Vector<'config'>): Difference[] => {
  const { config, complaints } = parseConfigAutoscaler(data, { behaviour: 'knative' });
  const valid = !hasErrors(complaints);
  const validity = compareAnswers({ expected: { valid: expected.valid }, got: { valid } });
  if (validity.length > 0) return validity;
  if (expected.valid) {
    const names = Object.keys(expected.resolved);
    const values: Record<string, unknown> = {
      ...config,
      targetUtilization: requestsPerSecondUtilization,
    };
    const got = Object.fromEntries(names.map((name) => [name, values[name]]));
    return compareAnswers({ expected: expected.resolved, got });
  }
  const blamed = new Set(errorsOf(complaints).flatMap(({ keys }) => keys));
  const named = keysNamedIn(expected.error);
  return named.every((key) => blamed.has(key))
    ? []
    : [{ tick: null, field: 'keys blamed', expected: named, got: [...blamed].sort() }];
};

/** Knative put two of its sentences where the path belongs: `…/initial-scale=0 not allowed`. */
const pathAlone = (path: string): string => path.replace(/[= ].*$/, '');

const sortedOnce = (paths: readonly string[]): string[] => [...new Set(paths)].sort();

/** Annotations to the paths that are at fault. */
export const runAnnotations = (vector: Vector<'annotations'>): Difference[] => {
  const { config } = parseConfigAutoscaler(vector.config, { behaviour: 'knative' });
  const errors = errorsOf(validateAnnotations(vector.annotations, { config }));
  const { valid, errors: faults } = vector.expected;
  return compareAnswers({
    expected: { valid, paths: sortedOnce(faults.flatMap(({ paths }) => paths.map(pathAlone))) },
    got: { valid: errors.length === 0, paths: sortedOnce(errors.flatMap(({ keys }) => keys)) },
  });
};
