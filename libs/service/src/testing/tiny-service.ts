/** A service that ends as its instance is called, for the tests of exit codes. */
import { OutsideError } from '@flyball/contracts';
import { commonSettings } from '../common-settings.ts';
import { defineConfig } from '../config.ts';
import { runService } from '../run-service.ts';
import { defineService } from '../service-definition.ts';

const tiny = defineService({
  name: 'tiny',
  configSchema: defineConfig(commonSettings),
  async start(config, life) {
    if (config.instance === 'outside') {
      throw new OutsideError('NATS_UNREACHABLE', 'No NATS there.', { retriable: true });
    }
    if (config.instance === 'bug') life.run('loop', () => Promise.reject(new Error('broken')));
    if (config.instance === 'stuck') life.onDrain('never', () => new Promise(() => undefined));
    life.announce({ gatewayUrl: 'http://127.0.0.1:9' });
  },
});

await runService(tiny, process.env);
