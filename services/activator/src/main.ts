/** Runs the activator as a process. */
import { runService } from '@flyball/service';
import { activator } from './service.ts';

await runService(activator, process.env);
