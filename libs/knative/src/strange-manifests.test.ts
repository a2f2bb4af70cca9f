/** Keys in the wrong place, keys that never existed, and YAML that is strange in other ways. */
import { describe, expect, it } from 'vitest';
import { formatComplaint } from './complaint.ts';
import { readManifests } from './read-manifests.ts';

const read = (text: string) => readManifests({ file: 'a.yaml', text, needsCommand: false });

const said = (text: string): string[] =>
  read(text).complaints.map(({ line, severity, key }) => `${line} ${severity} ${key}`);

const deployment = (annotations: string, before = ''): string => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: web${before}
spec:
  template:
    metadata:
      annotations: ${annotations}
    spec:
      containers: [{ image: web }]
`;

const prefix = 'autoscaling.knative.dev';

it('a Service in a List has its template where every Service has it', () => {
  const service = `apiVersion: serving.knative.dev/v1, kind: Service, metadata: { name: web },
    spec: { template: { spec: { containers: [{ image: web }] } } }`;
  expect(said(`{ apiVersion: v1, kind: List, items: [{ ${service} }] }`)).toEqual([]);
});

it.each([
  [`{ ${prefix}/target: "1", ${prefix}/target: "2" }`, `${prefix}/target`, '2', 8],
  [`\n        'a:b': "1"\n        window: x\n        "a:b": [y]`, 'a:b', '[y]', 9],
])(
  'a key given twice is named, with its second value and its first line',
  (map, key, value, at) => {
    const message = `${key} is given twice, first in line ${at}; only one can be meant.`;
    expect(read(deployment(map)).complaints).toContainEqual(
      expect.objectContaining({ severity: 'error', key, value, message }),
    );
  },
);

describe('our keys where nothing reads them', () => {
  it.each([
    ['labels of the object', 6, `\n  labels:\n    ${prefix}/target: "1"`],
    ['annotations beside the metadata', 6, `\nannotations:\n  ${prefix}/target: "1"`],
  ])('%s', (_place, line, before) => {
    expect(said(deployment('{}', before))).toEqual([`${line} warning ${prefix}/target`]);
  });

  it('labels of the pods, and annotations beside the template’s metadata', () => {
    const text = `apiVersion: serving.knative.dev/v1
kind: Service
metadata: { name: web }
spec:
  template:
    annotations: { ${prefix}/min-scale: "1" }
    metadata:
      labels: { ${prefix}/max-scale: "1" }
    spec:
      containers: [{ image: web }]
`;
    const { complaints } = read(text);
    expect(complaints).toMatchObject([
      { line: 6, severity: 'warning', key: `${prefix}/min-scale` },
      {
        line: 8,
        message: `${prefix}/max-scale has no effect here (spec.template.metadata.labels).`,
        allowed: 'under spec.template.metadata.annotations',
      },
    ]);
  });
});

it('keeps the one annotation of Knative’s serving group, and no other', () => {
  const serving = 'serving.knative.dev';
  const { objects, complaints } = read(
    deployment(`{ ${serving}/progress-deadline: "30s", ${serving}/creator: me }`),
  );
  expect(complaints).toEqual([]);
  expect(objects).toMatchObject([{ annotations: { [`${serving}/progress-deadline`]: '30s' } }]);
  expect(said(deployment(`{ ${serving}/progress-deadline: "30" }`))).toEqual([
    `8 error ${serving}/progress-deadline`,
  ]);
});

describe('keys that users have invented', () => {
  const complaintOf = (name: string) =>
    read(deployment(`{ ${prefix}/${name}: "2" }`)).complaints[0];

  it.each([
    ['max-scale-down-rate', 'max-scale-down-rate in the ConfigMap config-autoscaler'],
    ['scaleToZeroGracePeriod', 'scale-to-zero-grace-period in the ConfigMap config-autoscaler'],
    ['enable-scale-to-zero', 'enable-scale-to-zero in the ConfigMap config-autoscaler'],
    ['stable-window', 'stable-window in the ConfigMap config-autoscaler'],
    ['min_scale', `${prefix}/min-scale`],
    ['behaviour', 'flyball.dev/behaviour'],
  ])('%s: did you mean %s?', (name, meant) => {
    expect(complaintOf(name)).toMatchObject({ severity: 'warning', didYouMean: meant });
  });

  it('scaleUpDelay, which nothing is like', () => {
    const complaint = complaintOf('scaleUpDelay');
    expect(complaint).toMatchObject({ severity: 'warning', line: 8 });
    expect(complaint?.message).toContain('does not exist: pods are added at the next decision');
    expect(complaint).not.toHaveProperty('didYouMean');
  });
});

it('shows what a terminal would obey, and does not send it', () => {
  const [complaint] = read(deployment(`{ "${prefix}/\\e[2J\\x9b": "\\e[31m\\x7f" }`)).complaints;
  const told = complaint === undefined ? '' : formatComplaint(complaint);
  expect(told).toContain(`${prefix}/\\u001b[2J\\u009b: "\\u001b[31m\\u007f"`);
  expect(told.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

describe('strange YAML', () => {
  const target = `${prefix}/target`;

  it.each([
    ['a byte order mark', `\uFEFF${deployment('{}')}`, []],
    ['line ends of Windows', deployment(`{ ${target}: "0" }`).replaceAll('\n', '\r\n'), [8]],
    ['line ends of old Macs', deployment('{}').replaceAll('\n', '\r'), 'any'],
    ['an anchor and its alias', deployment(`{ ${target}: &a "0", example.com/b: *a }`), [8]],
    ['an alias to nothing', deployment(`{ ${target}: *none }`), [8]],
    ['a key given twice', deployment(`{ ${target}: "1", ${target}: "2" }`), [8]],
    ['a tab as indentation', `${deployment('{}')}\tx: 1\n`, 'any'],
    ['a list for a map', deployment('[1, 2]'), [8]],
    ['text for a map', deployment('none'), [8]],
    ['a number as a value', deployment(`{ ${target}: 10 }`), [8]],
    ['true as a value', deployment(`{ ${prefix}/class: true }`), 'any'],
    ['null as a value', deployment(`{ ${target}: null }`), [8]],
    ['nothing as a value', deployment(`{ ${target}: }`), [8]],
    ['a map as a value', deployment(`{ ${target}: { a: 1 } }`), [8]],
    ['a date as a value', deployment(`{ ${prefix}/window: 2026-01-31 }`), [8]],
    ['a tag', deployment(`{ ${target}: !!binary "MTA=" }`), 'any'],
    ['a list for a document', '- 1\n- 2\n', [1]],
    ['text for a document', 'hello\n', [1]],
    ['a number for a document', '42', [1]],
    ['a second document that is broken', `${deployment('{}')}---\na: [\n`, 'any'],
    ['empty documents', '---\n---\n...\n---\n', []],
    ['a name that is a list', deployment('{}').replace('name: web', 'name: [web]'), [4]],
    ['metadata that is text', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: web\n', 'any'],
    ['a kind that is a map', 'apiVersion: apps/v1\nkind: { a: 1 }\n', [1]],
    ['characters that YAML forbids', `${deployment('{}')}# \u0000\u0007\n`, 'any'],
    ['merged keys', deployment(`{ <<: { ${target}: "0" } }`), [8]],
    ['a cycle', 'a: &a [*a]\n', 'any'],
    ['a List without items', 'apiVersion: v1\nkind: List\n', 'any'],
    ['a List of text', 'apiVersion: v1\nkind: List\nitems: [a, b]\n', [3, 3]],
    ['__proto__ as a key', deployment(`{ __proto__: "1", ${prefix}/__proto__: "1" }`), [8]],
  ])('%s', (_name, text, lines) => {
    const { complaints } = read(text);
    const length = text.split(/\r\n?|\n/).length;
    for (const { file, line, message } of complaints) {
      expect(file).toBe('a.yaml');
      expect(line).toBeGreaterThan(0);
      expect(line).toBeLessThanOrEqual(length);
      expect(message).not.toMatch(/undefined|\[object|TypeError| at .+\.ts/);
    }
    if (lines !== 'any') expect(complaints.map(({ line }) => line)).toEqual(lines);
  });
});
