/** What `up` says besides what it starts. */
import { expect, it } from 'vitest';
import { configYaml, deploymentYaml, inputOf } from '../testing/written-files.ts';
import { readFiles } from './read-files.ts';
import { firstRequest } from './up.ts';

const run = { domain: 'x.test', gatewayUrl: 'http://127.0.0.1:8080' };

it('shows how the first workload is reached', async () => {
  const text = [configYaml({}), deploymentYaml('web'), deploymentYaml('api')].join('\n---\n');
  const files = await readFiles(['-'], { input: inputOf(text) });
  expect(firstRequest(run, files)).toBe(
    "A request to it: curl -H 'Host: web.default.x.test' http://127.0.0.1:8080/",
  );
});

it('says nothing of it where there is none', async () => {
  const files = await readFiles(['-'], { input: inputOf(configYaml({})) });
  expect(firstRequest(run, files)).toBeUndefined();
});
