/** What the tests of several packages tell their stories with. */
export { examplePolicy as storyPolicy } from '../example-policy.ts';
