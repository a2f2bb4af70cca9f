/** The memory adapter passes the contract, by the rules of old and of current servers. */
import { describeEventLogContract } from './contract.ts';
import { startMemoryServer } from './memory.ts';
import { createSimulatedClock } from './testing/simulated-clock.ts';

for (const checksFirst of ['fence', 'id'] as const) {
  describeEventLogContract({
    name: `memory, ${checksFirst} first`,
    open: async (options = {}) => {
      const clock = createSimulatedClock();
      const server = startMemoryServer({
        ...options,
        nowMs: () => clock.monotonicMs(),
        checksFirst,
      });
      return {
        connect: async () => server.connect(),
        clock,
        pass: (durationMs) => clock.pass(durationMs),
        [Symbol.asyncDispose]: async () => {},
      };
    },
  });
}
