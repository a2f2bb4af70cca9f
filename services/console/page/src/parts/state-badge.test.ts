/** The state of a workload, for who has no mouse to point with. */
import type { ComponentChildren, VNode } from 'preact';
import { expect, test } from 'vitest';
import { ProblemBadge } from './state-badge.tsx';

const textIn = (drawn: ComponentChildren): string => {
  if (Array.isArray(drawn)) return drawn.map(textIn).join('');
  if (typeof drawn !== 'object' || drawn === null) return String(drawn ?? '');
  return textIn((drawn as VNode<{ children?: ComponentChildren }>).props.children);
};

test('what is wrong is text of its row, not a hint for the mouse alone', () => {
  const problem = 'The scale was not taken: forbidden';
  expect(textIn(ProblemBadge({ problem }))).toContain(problem);
  expect(textIn(ProblemBadge({ problem: null }))).toBe('');
});
