/** Objects out of YAML: Lists, several documents, and what is none. */
import { expect, it } from 'vitest';
import { readObjects } from './read-objects.ts';

const read = (text: string) => readObjects([{ file: 'a.yaml', text }], 'shop');

it('takes documents and Lists apart, and names the namespace where they do not', () => {
  const text = `apiVersion: v1
kind: Service
metadata: { name: one }
---
apiVersion: v1
kind: List
items:
  - { apiVersion: v1, kind: Service, metadata: { name: two, namespace: other } }
  - { apiVersion: v1, kind: Service, metadata: { name: three } }
---
`;
  const { objects, faults } = read(text);
  expect(faults).toEqual([]);
  expect(objects.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)).toEqual([
    ...['shop/one', 'other/two', 'shop/three'],
  ]);
});

it.each([
  ['just text', 'a.yaml:1: This is not a Kubernetes object'],
  ['apiVersion: v1\nkind: Service\n', 'metadata'],
  ['a: b: c', 'a.yaml:1: '],
  ['apiVersion: v1\nkind: List\nitems: [1]\n', 'This is not a Kubernetes object'],
  ['a: &a [x]\nb: [*b]\n', 'a.yaml:'],
])('says what is wrong with %j', (text, fault) => {
  const { objects, faults } = read(text);
  expect(objects).toEqual([]);
  expect(faults).toEqual([expect.stringContaining(fault)]);
});

it('does not unfold what would fill the memory', () => {
  const level = (name: string, of: string) => `${name}: &${name} [${`*${of},`.repeat(9)}]\n`;
  const text = `a: &a [x,x,x,x,x,x,x,x,x]\n${level('b', 'a')}${level('c', 'b')}${level('d', 'c')}`;
  expect(read(text).faults).toEqual([expect.stringContaining('a.yaml')]);
});
