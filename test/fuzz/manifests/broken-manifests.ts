/** Manifests as people and programs break them: the samples, each changed in a few places. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';

const root = join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

/** What is taken as it is; the fuzzers begin with these. */
export const goodManifests: readonly string[] = [
  read('samples/deployment.yaml'),
  read('samples/scene-1.template.yaml'),
  read('samples/scene-1.run-latest.yaml'),
  read('samples/scene-2.run-latest.yaml'),
  read('samples/config-autoscaler.yaml'),
  read('infra/kubernetes/base/config-autoscaler.yaml'),
];

const oddValue = fc.oneof(
  fc.constantFrom(
    ...['', '~', 'null', 'true', 'yes', '.nan', '.inf', '-.inf', '1e309', '-1', '0x10', '0o17'],
    ...['1_000', '12:30:45', '99999999999999999999', '-0', '1.5', '"NaN"', '"-1"', '"1e400"'],
    ...[
      '[]',
      '{}',
      '[1, [2]]',
      '{a: {b: c}}',
      '&a [*a]',
      '*nobody',
      '!!js/function x',
      '!!binary x',
    ],
    ...['!!set {a}', '|', '>-', '"\\0"', '"\\ud800"', "'it''s", '"open', '- x', '? x', '@x', '`x`'],
    ...[
      '%TAG',
      '"../../etc/passwd"',
      '"\\u202e"',
      `"${'x'.repeat(70_000)}"`,
      '2026-01-01',
      '<<: x',
    ],
  ),
  fc.string({ maxLength: 12 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

const oddKey = fc.constantFrom(
  ...['__proto__', 'constructor', 'toString', '<<', '?', 'hasOwnProperty', '"\\n"', 'null', '1'],
  ...['autoscaling.knative.dev/nothing', 'autoscaling.knative.dev/TARGET', 'flyball.dev/x', 'é'],
);

type Change = (lines: readonly string[]) => readonly string[];

const onLine = (at: number, change: (line: string) => readonly string[]): Change => {
  return (lines) => {
    const place = at % lines.length;
    return lines.toSpliced(place, 1, ...change(lines[place] ?? ''));
  };
};

const changes: fc.Arbitrary<Change> = fc.oneof(
  fc
    .tuple(fc.nat(), oddValue)
    .map(([at, value]) => onLine(at, (line) => [line.replace(/(:\s|- ).*$/, `$1${value}`)])),
  fc
    .tuple(fc.nat(), oddKey)
    .map(([at, key]) => onLine(at, (line) => [line.replace(/[\w./-]+(?=:)/, key)])),
  fc.nat().map((at) => onLine(at, () => [])),
  fc.nat().map((at) => onLine(at, (line) => [line, line])),
  fc
    .tuple(fc.nat(), fc.constantFrom(' ', '  ', '\t', '    '))
    .map(([at, indent]) => onLine(at, (line) => [indent + line])),
  fc.nat().map((at) => onLine(at, (line) => [line.trimStart()])),
  fc
    .tuple(fc.nat(), fc.constantFrom('---', '...', '# x', '%YAML 1.1', '\ufeff', '\0', 'x: y', '}'))
    .map(([at, put]) => onLine(at, (line) => [put, line])),
  fc.nat().map(
    (at): Change =>
      (lines) =>
        lines.slice(0, at % lines.length),
  ),
  fc.constant<Change>((lines) => lines.map((line) => `${line}\r`)),
);

/** A sample after one to four changes. */
export const brokenManifest: fc.Arbitrary<string> = fc
  .tuple(fc.constantFrom(...goodManifests), fc.array(changes, { minLength: 1, maxLength: 4 }))
  .map(([text, steps]) =>
    steps.reduce<readonly string[]>((lines, step) => step(lines), text.split('\n')).join('\n'),
  );
