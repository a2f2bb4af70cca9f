/** Load in a closed loop: fifty connections that ask again as soon as they were answered. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { findProgram } from './tools.ts';

const run = promisify(execFile);
const connections = 50;
const slackMs = 20_000;

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Answers that were not 2xx or 3xx, and connections that failed. */
  readonly bad: number;
}

export interface Load {
  readonly tool: 'wrk' | 'autocannon';
  run(port: number, host: string, seconds: number): Promise<LoadResult>;
}

const numberIn = (text: string, pattern: RegExp): number => Number(pattern.exec(text)?.[1] ?? 0);

const wrkLoad = (program: string): Load => ({
  tool: 'wrk',
  run: async (port, host, seconds) => {
    const how = ['-t1', `-c${connections}`, `-d${seconds}s`, '-H', `Host: ${host}`];
    const { stdout } = await run(program, [...how, `http://127.0.0.1:${port}/`], {
      timeout: seconds * 1_000 + slackMs,
    });
    const socketErrors = [...(/Socket errors: (.*)/.exec(stdout)?.[1]?.matchAll(/\d+/g) ?? [])];
    return {
      requests: numberIn(stdout, /(\d+) requests in/),
      seconds,
      bad:
        numberIn(stdout, /Non-2xx or 3xx responses: (\d+)/) +
        socketErrors.reduce((sum, [count]) => sum + Number(count), 0),
    };
  },
});

const reportSchema = z.object({
  requests: z.object({ total: z.number() }),
  non2xx: z.number(),
  errors: z.number(),
});

const autocannonLoad: Load = {
  tool: 'autocannon',
  run: async (port, host, seconds) => {
    const program = fileURLToPath(import.meta.resolve('autocannon'));
    const how = ['-j', '-c', String(connections), '-d', String(seconds), '-H', `Host=${host}`];
    const { stdout } = await run(process.execPath, [program, ...how, `http://127.0.0.1:${port}/`], {
      timeout: seconds * 1_000 + slackMs,
    });
    const { requests, non2xx, errors } = reportSchema.parse(JSON.parse(stdout));
    return { requests: requests.total, seconds, bad: non2xx + errors };
  },
};

/** wrk where it is, because it costs less processor; else autocannon. */
export const openLoad = (path: string): Load => {
  const wrk = findProgram('wrk', path);
  return wrk === undefined ? autocannonLoad : wrkLoad(wrk);
};
