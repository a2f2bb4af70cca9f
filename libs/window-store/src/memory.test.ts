/** The memory adapter keeps the contract. */
import { testWindowStore } from './contract.ts';
import { createMemoryWindows } from './memory.ts';

testWindowStore('memory', async () => {
  const windows = createMemoryWindows();
  return {
    open: async () => windows.open(),
    flush: async () => windows.flush(),
    stop: async () => {},
  };
});
