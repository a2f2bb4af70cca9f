/** Runs the webhook as a process. */
import { runService } from '@flyball/service';
import { webhook } from './service.ts';

await runService(webhook, process.env);
