/** Runs the console as a process. */
import { runService } from '@flyball/service';
import { consoleService } from './service.ts';

await runService(consoleService, process.env);
