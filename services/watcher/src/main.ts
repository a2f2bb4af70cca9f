/** The watcher as a process. */
import { runService } from '@flyball/service';
import { watcher } from './service.ts';

await runService(watcher, process.env);
