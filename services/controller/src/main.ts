/** Runs the controller as a process. */
import { runService } from '@flyball/service';
import { controller } from './service.ts';

await runService(controller, process.env);
