/** docs/metrics.md says what the services register now, and nothing registers past it. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describedMetrics } from '../metrics/described-metrics.ts';
import { metricsDocument, metricsDocumentPath } from '../metrics/metrics-document.ts';
import { codeFiles, root } from './source-files.ts';

const metrics = await describedMetrics();
const known = new Set(metrics.map(({ name }) => name));
/** Of every process, whatever service it is. */
known.add('flyball_event_loop_busy_ratio');

test(`${metricsDocumentPath} is current (else: npm run generate)`, async () => {
  const written = readFileSync(join(root, metricsDocumentPath), 'utf8');
  expect(written).toBe(await metricsDocument());
});

test('every metric that the code names is one that is documented', () => {
  const isShipped = ({ path }: { readonly path: string }): boolean =>
    /^(libs|services)\/.*\.ts$/.test(path) && !/\.test\.ts$|\/(testing|page)\//.test(path);
  const named = codeFiles
    .filter(isShipped)
    .flatMap(({ path, text }) =>
      [...text.matchAll(/\bname: [`'](flyball_[a-z_]+)[`']/g)].map(([, name]) => ({ path, name })),
    );
  expect(named.length).toBeGreaterThan(30);
  expect(named.filter(({ name = '' }) => !known.has(name))).toEqual([]);
});

test('names have the prefix of who tells them, and units as Prometheus has them', () => {
  const shared = /^flyball_(workload|cluster)_/;
  const wrong = metrics.filter(({ name, type, service }) => {
    const isOwn = name.startsWith(`flyball_${service.replaceAll('-', '_')}_`);
    const isTotal = name.endsWith('_total');
    const isOffUnit = /_(ms|milliseconds|minutes|kb|percent|pct)(_|$)/.test(name);
    const isTimed = type !== 'histogram' || name.endsWith('_seconds');
    return (
      !(isOwn || shared.test(name)) || isTotal !== (type === 'counter') || isOffUnit || !isTimed
    );
  });
  expect(wrong).toEqual([]);
});

test('each name is of one type, with one help and the same labels, whoever tells it', () => {
  for (const [name, same] of Map.groupBy(metrics, (metric) => metric.name)) {
    const [first, ...others] = same.map(({ service: _, ...rest }) => rest);
    for (const other of others) expect(other, name).toEqual(first);
  }
});
