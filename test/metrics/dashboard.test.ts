/** The Grafana dashboard asks for what is told, and says what it shows. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { knownMetrics } from './known-metrics.ts';
import { checkQuery } from './promql.ts';

const panelSchema = z.looseObject({
  id: z.int(),
  type: z.string(),
  title: z.string(),
  description: z.string().default(''),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  fieldConfig: z
    .looseObject({ defaults: z.looseObject({ unit: z.string().default('') }) })
    .default({ defaults: { unit: '' } }),
  targets: z
    .array(z.looseObject({ expr: z.string(), legendFormat: z.string(), refId: z.string() }))
    .default([]),
});
const dashboardSchema = z.looseObject({
  uid: z.literal('flyball'),
  panels: z.array(panelSchema),
  templating: z.object({
    list: z.array(z.looseObject({ name: z.string(), definition: z.string().optional() })),
  }),
});

const path = join(import.meta.dirname, '../../infra/grafana/flyball.json');
const { panels, templating } = dashboardSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
const shown = panels.filter(({ type }) => type !== 'row');
const known = await knownMetrics();

/** With the variables that Grafana fills in by itself. */
const filled = (expr: string): string =>
  expr.replaceAll('$__rate_interval', '5m').replaceAll('$__range', '1h');

describe('each panel', () => {
  it.each(shown)('$title: says its unit and what it shows, and asks for something', (panel) => {
    expect(panel.fieldConfig.defaults.unit).not.toBe('');
    expect(panel.description).toMatch(/^\P{Ll}.{15,}[.]$/u);
    expect(panel.targets.length).toBeGreaterThan(0);
    const refs = panel.targets.map(({ refId }) => refId);
    expect(new Set(refs).size).toBe(refs.length);
  });

  const targets = shown.flatMap(({ title, targets: all }) =>
    all.map(({ expr, legendFormat }) => ({ title, expr, legendFormat })),
  );

  it.each(targets)('$title: $expr uses names that exist', ({ expr, legendFormat }) => {
    const { problems, labels } = checkQuery(filled(expr), known);
    expect(problems).toEqual([]);
    const named = [...legendFormat.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label]) => label);
    expect(named.filter((label = '') => !labels.has(label))).toEqual([]);
  });
});

describe('the whole', () => {
  it('shows the fleet, one workload, cold starts, the stages, the platform and the stores', () => {
    const rows = panels.filter(({ type }) => type === 'row').map(({ title }) => title);
    expect(rows).toEqual([
      'Fleet',
      'Workload $namespace/$workload',
      'Cold starts',
      'Stages',
      'Platform',
      'NATS and Redis, as Flyball sees them',
      'Processes',
    ]);
  });

  it('chooses the workload by variables over names that exist', () => {
    const asked = templating.list.flatMap(({ definition }) => definition ?? []);
    expect(templating.list.map(({ name }) => name)).toEqual([
      'datasource',
      'namespace',
      'workload',
    ]);
    for (const definition of asked) {
      const [, series = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(definition) ?? [];
      const { problems, labels } = checkQuery(series, known);
      expect(problems).toEqual([]);
      expect(labels).toContain(label);
    }
  });

  it('has no two panels over each other, or of one id, and none beyond the edge', () => {
    const taken = new Set<string>();
    for (const { gridPos, title } of panels) {
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.has(`${x},${y}`), `${title} at ${x},${y}`).toBe(false);
          taken.add(`${x},${y}`);
        }
      }
    }
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  });
});
