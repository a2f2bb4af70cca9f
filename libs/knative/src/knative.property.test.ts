/** Whatever text a user writes anywhere: no throw, and a value in range or a complaint. */
import { policySchema } from '@flyball/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { annotationKeys, annotationSpellings } from './annotation-settings.ts';
import { autoscalerKeys, defaultAutoscalerConfig } from './autoscaler-config.ts';
import { readCommands } from './command-table.ts';
import { complaintSchema, formatComplaint, hasErrors } from './complaint.ts';
import { parseGoDuration } from './go-duration.ts';
import { parseGoFloat, parseGoInt } from './go-number.ts';
import { manifestSchema } from './manifest.ts';
import { parseConfigAutoscaler } from './parse-config-autoscaler.ts';
import { readManifests } from './read-manifests.ts';
import { resolvePolicy } from './resolve-policy.ts';
import { splitCommand } from './split-command.ts';

const seed = 20_200_707;
const check = (property: fc.IProperty<never> | fc.IRawProperty<unknown>, numRuns = 500) =>
  fc.assert(property, { seed, numRuns });

/** Strings that are nearly, or really, what somebody could write as a value. */
const value = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.integer().map(String),
  fc.double().map(String),
  fc.bigInt().map(String),
  fc.stringMatching(/^[+-]?[0-9._]{0,6}(ns|us|ms|s|m|h)?$/),
  fc.constantFrom('NaN', 'Inf', '-Inf', '1e308', '-0', '', 'true', 'knative', 'rps', '0x1p-1074'),
  fc.constantFrom('hpa.autoscaling.knative.dev', 'x.knative.dev', 'weighted-exponential'),
);
const oddKey = fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'toString'));
const data = fc.dictionary(fc.oneof(fc.constantFrom(...autoscalerKeys), oddKey), value, {
  maxKeys: 12,
});
const annotations = fc.dictionary(
  fc.oneof(
    fc.constantFrom(...annotationSpellings),
    oddKey.map((key) => `flyball.dev/${key}`),
  ),
  value,
  { maxKeys: 12 },
);
const behaviour = fc.constantFrom('flyball' as const, 'knative' as const);

describe('config-autoscaler', () => {
  it('takes any value of any key: it is in force, or complained of', () => {
    check(
      fc.property(fc.constantFrom(...autoscalerKeys), value, behaviour, (key, text, rules) => {
        const parsed = parseConfigAutoscaler({ [key]: text }, { behaviour: rules });
        if (parsed.config.given.length > 0) return;
        expect(hasErrors(parsed.complaints)).toBe(true);
      }),
    );
  });

  it('without errors holds only what a policy can hold', () => {
    check(
      fc.property(data, (given) => {
        const { config, complaints } = parseConfigAutoscaler(given);
        for (const complaint of complaints) complaintSchema.parse(complaint);
        if (hasErrors(complaints)) return;
        const { policy } = resolvePolicy({ config, annotations: {} });
        expect(policySchema.safeParse(policy).error).toBeUndefined();
        expect(policy.behaviour === 'knative' || policy.stableWindowMs >= 6000).toBe(true);
      }),
    );
  });
});

describe('annotations', () => {
  it('resolve to a policy that can be written down, whatever they say', () => {
    check(
      fc.property(annotations, data, fc.nat(1000), behaviour, (given, map, limit, rules) => {
        const { config } = parseConfigAutoscaler(map, { behaviour: rules });
        const inputs = { config, annotations: given, containerConcurrency: limit };
        const { policy, layers, complaints } = resolvePolicy(inputs);
        for (const complaint of complaints) formatComplaint(complaintSchema.parse(complaint));
        expect(policySchema.safeParse(policy).error).toBeUndefined();
        expect(JSON.parse(JSON.stringify(policy))).toEqual(policy);
        expect(Object.keys(layers)).toEqual(Object.keys(policy));
      }),
      1000,
    );
  });

  it('change the policy or are complained of, never neither', () => {
    check(
      fc.property(fc.constantFrom(...annotationKeys), value, (key, text) => {
        const config = defaultAutoscalerConfig;
        const { layers, complaints } = resolvePolicy({ config, annotations: { [key]: text } });
        const inForce = Object.values(layers).includes('annotation');
        expect(inForce || complaints.length > 0 || key === 'flyball.dev/enabled').toBe(true);
      }),
    );
  });
});

describe('numbers and durations', () => {
  it('read back what they print', () => {
    check(fc.property(fc.maxSafeInteger(), (n) => parseGoInt(String(n), 64) === n));
    check(fc.property(fc.double({ noNaN: true }), (n) => parseGoFloat(String(n)) === n));
    check(fc.property(fc.integer(), (n) => parseGoDuration(`${n}ms`) === (n === 0 ? 0 : n)));
  });

  it('add up over their parts', () => {
    check(
      fc.property(fc.nat(99), fc.nat(99), fc.nat(99), (h, m, s) => {
        const ms = ((h * 60 + m) * 60 + s) * 1000;
        expect(parseGoDuration(`${h}h${m}m${s}s`)).toBe(ms);
      }),
    );
  });
});

describe('YAML', () => {
  const scalar = fc.oneof(value, fc.integer(), fc.double(), fc.boolean(), fc.constant(null));
  const anything = fc.letrec((tie) => ({
    node: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc.array(tie('node'), { maxLength: 3 }),
      fc.dictionary(
        fc.constantFrom(
          'metadata',
          'spec',
          'template',
          'annotations',
          'containers',
          'image',
          'env',
        ),
        tie('node'),
        { maxKeys: 4 },
      ),
    ),
  })).node;
  const head = fc.constantFrom(
    { apiVersion: 'serving.knative.dev/v1', kind: 'Service' },
    { apiVersion: 'serving.knative.dev/v1alpha1', kind: 'Service' },
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    { apiVersion: 'v1', kind: 'ConfigMap' },
  );

  it('of any text is read without a throw', () => {
    const text = fc.array(fc.constantFrom('a', ':', ' ', '\n', '- ', '[', '{', '&a', '*a', '<<: '));
    check(
      fc.property(
        fc.oneof(
          fc.string(),
          text.map((parts) => parts.join('')),
        ),
        (yaml) => {
          for (const one of readManifests({ file: 'f', text: yaml }).complaints) {
            complaintSchema.parse(one);
          }
          readCommands({ file: 'f', text: yaml });
        },
      ),
    );
  });

  it('of objects of any shape gives well-formed manifests, or errors', () => {
    check(
      fc.property(head, anything, anything, (kind, metadata, spec) => {
        const text = JSON.stringify({ ...kind, metadata, spec });
        const { objects, complaints } = readManifests({ file: 'f', text });
        for (const one of complaints) formatComplaint(complaintSchema.parse(one));
        for (const object of objects) manifestSchema.parse(object);
        expect(objects.length > 0 || complaints.length > 0).toBe(true);
      }),
    );
  });
});

it('splits what was quoted back into the same words', () => {
  const quoted = (word: string) => `"${word.replace(/["\\]/g, '\\$&')}"`;
  check(
    fc.property(fc.array(fc.string(), { minLength: 1 }), (words) => {
      expect(splitCommand(words.map(quoted).join(' '))).toEqual({ words });
    }),
  );
});
