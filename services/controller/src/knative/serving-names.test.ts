/** Names that Kubernetes takes, however long that of the Service is. */
import { expect, it } from 'vitest';
import {
  deploymentName,
  isScalingAnnotation,
  privateServiceName,
  revisionName,
  scalingAnnotations,
} from './serving-names.ts';

it('are Knative’s own where they fit', () => {
  const revision = revisionName('autoscale-go', 2);
  expect(revision).toBe('autoscale-go-00002');
  expect(deploymentName(revision)).toBe('autoscale-go-00002-deployment');
  expect(privateServiceName(revision)).toBe('autoscale-go-00002-private');
});

it('of long ones are short enough, and different for different Services and revisions', () => {
  const longest = 'a'.repeat(63);
  const others = [longest, `${'a'.repeat(62)}b`];
  const revisions = others.flatMap((name) => [revisionName(name, 1), revisionName(name, 2)]);
  const names = revisions.flatMap((one) => [one, deploymentName(one), privateServiceName(one)]);
  expect(new Set(names).size).toBe(names.length);
  for (const name of names) expect(name).toMatch(/^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/);
});

it('tell settings of scaling from what the controller writes, and from what is reported', () => {
  const settings = {
    'autoscaling.knative.dev/target': '10',
    'flyball.dev/behaviour': 'knative',
    'serving.knative.dev/progress-deadline': '30s',
  };
  const others = {
    'flyball.dev/reachable': 'false',
    'flyball.dev/template-hash': 'x',
    'flyball.dev/status-desired': '3',
    'prometheus.io/scrape': 'true',
  };
  expect(scalingAnnotations({ ...settings, ...others })).toEqual(settings);
  expect(isScalingAnnotation('prometheus.io/scrape')).toBe(false);
});
