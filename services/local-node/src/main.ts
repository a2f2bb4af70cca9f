/** Runs the local-node as a process. */
import { runService } from '@flyball/service';
import { createLocalNodeService } from './service.ts';

const { env } = process;

await runService(createLocalNodeService(env), env);
