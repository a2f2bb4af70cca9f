/** What is wrong is said where it is seen, and to who hears the page. */
import type { VNode } from 'preact';
import { expect, test } from 'vitest';
import { ProblemBanner } from './notice.tsx';

test('a problem is told at once to who hears the page, and looks as other banners do', () => {
  const problem = 'The scale was not taken: forbidden';
  const drawn = ProblemBanner({ problem }) as VNode<Readonly<Record<string, unknown>>>;
  expect(drawn.props).toMatchObject({ class: 'banner', role: 'alert' });
  expect([drawn.props.children].flat().join('')).toContain(problem);
});

test('where nothing is wrong there is no banner', () => {
  expect(ProblemBanner({ problem: null })).toBeNull();
});
