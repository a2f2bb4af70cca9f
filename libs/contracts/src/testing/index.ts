/** What the tests of several packages tell their stories with. */
export { storyPolicy } from './story-policy.ts';
