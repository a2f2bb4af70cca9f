/** `npm run setup`: installs what is missing, as its options say. */
import { tell } from './setup/progress.mjs';
import { setUpOrExit } from './setup/set-up.mjs';
import { whenUnread } from './unread.mjs';

const EXIT_USAGE = 64;

const usage = `npm run setup -- [--tests]
Installs what is missing of pnpm, Node 24, the packages, nats-server and redis-server.
  --tests  every version of the servers that the tests run on, helm, which checks the chart, and
           chromium, which shows the console's page
`;

whenUnread(() => process.exit(0));
const args = process.argv.slice(2);
if (args.includes('--help') || args.includes('-h')) process.stdout.write(usage);
else if (args.every((arg) => arg === '--tests')) {
  await setUpOrExit({ servers: true, forTests: args.length > 0, cluster: args.length > 0 });
  tell('Ready.');
} else {
  tell(`npm run setup was given ${args.join(' ')}.\n\n${usage}`);
  process.exitCode = EXIT_USAGE;
}
