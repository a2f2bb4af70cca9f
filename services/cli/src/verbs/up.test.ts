/** What `up` says besides what it starts. */
import { expect, it } from 'vitest';
import { configYaml, deploymentYaml, inputOf } from '../testing/written-files.ts';
import { readFiles } from './read-files.ts';
import { consoleSaid, firstRequest } from './up.ts';

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

it('says where the console is, and why it is not at its usual port', () => {
  const at = (port: number) => ({ consoleUrl: `http://127.0.0.1:${port}`, traces: true });
  expect(consoleSaid(at(8090), {})).toBe('http://127.0.0.1:8090   (also: flyball trace)');
  expect(consoleSaid(at(20_001), {})).toMatch(
    /^http:..127.0.0.1:20001 {3}\(also: flyball trace; port 8090 was taken; --console-port N /,
  );
  expect(consoleSaid(at(20_001), { consolePort: 20_001 })).not.toContain('taken');
  expect(consoleSaid(at(20_001), { consolePort: 0 })).not.toContain('taken');
  expect(consoleSaid({ ...at(8090), traces: false }, {})).toContain('(without traces)');
});
