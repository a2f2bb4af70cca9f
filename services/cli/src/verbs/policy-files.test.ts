/** `policy -f`: what files would set, and the object of class hpa. */
import { policySchema } from '@flyball/contracts';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { settingName } from '../output/policy-value.ts';
import { captureTerminal } from '../testing/captured-terminal.ts';
import { configYaml, deploymentYaml, inputOf, writeFiles } from '../testing/written-files.ts';
import { type PolicyFilesOptions, policyOfFiles } from './policy-files.ts';

/** A source of metrics is there only where one was asked for. */
const keysOfAll = policySchema.omit({ source: true }).keyof().options;
const prefix = 'autoscaling.knative.dev';

const policyOf = async (
  texts: Readonly<Record<string, string>>,
  options: Partial<PolicyFilesOptions> = {},
) => {
  await using files = await writeFiles(texts);
  const terminal = captureTerminal();
  const file = Object.keys(texts).map(files.pathOf);
  const code = await policyOfFiles(
    { terminal, input: inputOf() },
    { file, output: 'text', ...options },
  );
  return { code, text: terminal.lines.join('\n'), notes: terminal.notes.join('\n') };
};

const web = deploymentYaml('web', {
  [`${prefix}/target`]: '10',
  [`${prefix}/metric`]: 'rps',
  [`${prefix}/maxScale`]: '1',
});

describe('policy -f', () => {
  it('shows every value in its unit, with the layer that set it', async () => {
    const config = configYaml({ 'stable-window': '90s', 'panic-threshold-percentage': '150' });
    const { code, text, notes } = await policyOf({ 'web.yaml': web, 'config.json': config });
    expect({ code, notes }).toEqual({ code: 0, notes: '' });
    expect(text).toMatch(
      /^default\/web {2}\(Deployment in .+web\.yaml:1\)\nSETTING +VALUE +SET BY/,
    );
    expect(text).toMatch(/^target +10 requests\/s +annotation$/m);
    expect(text).toMatch(/^target-utilization-percentage +70 % +default$/m);
    expect(text).toMatch(/^window +90 s +config-autoscaler$/m);
    expect(text).toMatch(/^panic-threshold-percentage +150 % +config-autoscaler$/m);
    expect(text).toMatch(/^max-scale +1 pod +annotation$/m);
    expect(text).toMatch(/^timeout-seconds +300 s +default$/m);
    for (const key of keysOfAll) {
      expect(text).toContain(`
${settingName(key)} `);
    }
    expect(text).not.toContain('HorizontalPodAutoscaler');
  });

  it('gives the same to programs', async () => {
    const { text } = await policyOf({ 'web.yaml': web }, { output: 'json' });
    const [told] = JSON.parse(text);
    expect(told).toMatchObject({
      namespace: 'default',
      name: 'web',
      kind: 'Deployment',
      source: { line: 1 },
      horizontalPodAutoscaler: null,
    });
    expect(told.values.totalValue).toEqual({ value: 10, layer: 'annotation' });
    expect(Object.keys(told.values).toSorted()).toEqual(keysOfAll.toSorted());
  });

  it('shows one workload of several when it is named', async () => {
    const texts = { 'web.yaml': web, 'api.yaml': deploymentYaml('api') };
    expect((await policyOf(texts)).text.match(/^SETTING/gm)).toHaveLength(2);
    const { text } = await policyOf(texts, { workload: 'default/api' });
    expect(text.match(/^default\/\w+/gm)).toEqual(['default/api']);
    const none = await policyOf(texts, { workload: 'default/none' });
    expect(none).toMatchObject({ code: 1, notes: 'default/none is not here.' });
  });

  it('says what apply would refuse, and shows what is left', async () => {
    const wrong = deploymentYaml('web', { [`${prefix}/target`]: 'ten' });
    const { code, text, notes } = await policyOf({ 'web.yaml': wrong });
    expect(code).toBe(1);
    expect(notes).toMatch(
      /web\.yaml:11:\d+ error: .+\n.+\n1 error, 0 warnings: apply would refuse/,
    );
    expect(text).toMatch(/^target +100 in flight +default$/m);
  });
});

describe('class hpa', () => {
  const annotations = {
    [`${prefix}/class`]: `hpa.${prefix}`,
    [`${prefix}/metric`]: 'memory',
    [`${prefix}/target`]: '1536',
    [`${prefix}/window`]: '90s',
    [`${prefix}/min-scale`]: '2',
  };

  it('is shown as the object that Kubernetes is given', async () => {
    const { code, text } = await policyOf({ 'web.yaml': deploymentYaml('web', annotations) });
    expect(code).toBe(0);
    expect(text).toContain('by this object: what is not in it does not count.');
    const rules = { stabilizationWindowSeconds: 90 };
    expect(parse(text.slice(text.indexOf('---\n')))).toEqual({
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web', namespace: 'default', labels: { app: 'web' }, annotations },
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 2,
        maxReplicas: 2_147_483_647,
        metrics: [
          {
            type: 'Resource',
            resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1536Mi' } },
          },
        ],
        behavior: { scaleDown: rules, scaleUp: rules },
      },
    });
  });

  it('is named after the first revision of a Knative Service', async () => {
    const service = {
      apiVersion: 'serving.knative.dev/v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { template: { metadata: { annotations }, spec: { containers: [{ image: 'web' }] } } },
    };
    const { text } = await policyOf({ 'web.json': JSON.stringify(service) }, { output: 'json' });
    expect(JSON.parse(text)[0].horizontalPodAutoscaler).toMatchObject({
      metadata: { name: 'web-00001' },
      spec: { scaleTargetRef: { name: 'web-00001-deployment' } },
    });
  });
});
