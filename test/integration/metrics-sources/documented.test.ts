/** The examples of docs/kubernetes are taken without complaint, and find what they name. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readMetricSelector } from '@flyball/contracts/metric-selector';
import { readPrometheusPage } from '@flyball/domain';
import { readManifests } from '@flyball/knative';
import { describe, expect, it, test } from 'vitest';
import {
  appPage,
  envoyPage,
  haproxyPage,
  ingressNginxPage,
  istioPage,
  nginxPage,
} from './pages.ts';

const root = join(import.meta.dirname, '../../..');
const textOf = (page: string): string => readFileSync(join(root, 'docs/kubernetes', page), 'utf8');
const examplesIn = (page: string): string[] =>
  [...textOf(page).matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml]) => yaml ?? '');

describe.each(['metrics-sources.md', 'sidecar.md'])('%s', (page) => {
  const deployments = examplesIn(page).filter((yaml) => yaml.includes('kind: Deployment'));

  test.each(deployments)('%#: is taken as it is', (yaml) => {
    const { complaints, objects } = readManifests({ text: yaml, file: page, needsCommand: false });
    expect(complaints).toEqual([]);
    expect(objects).toHaveLength(1);
  });
});

const selectorsIn = (text: string): string[] =>
  [...text.matchAll(/\| `([a-z_]+(?:\{[^}]*\})?)` \|$/gm)].map(([, selector]) => selector ?? '');

it('each selector of the tables finds its series on the page of its exporter', () => {
  const pages = [envoyPage, haproxyPage, nginxPage, appPage, ingressNginxPage, istioPage];
  const texts = pages.map((page) => page(50).replaceAll('autoscale-go', 'web'));
  const selectors = selectorsIn(textOf('metrics-sources.md'));
  expect(selectors).toHaveLength(pages.length);
  selectors.forEach((text, at) => {
    const read = readMetricSelector(text);
    if (!read.ok) throw new Error(`${text} ${read.reason}`);
    const found = readPrometheusPage(texts[at] ?? '').select(read.selector);
    expect(found.map(({ value }) => value)[0]).toBe(50);
  });
});
