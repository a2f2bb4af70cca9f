/** The end of all faults: everything is mended, and stays so. */

import { quickStart } from '../world/pods.ts';
import { calm } from '../world/weather.ts';
import type { World } from '../world/world.ts';

export const heal = (world: World): void => {
  const { weather, pods, slots } = world;
  weather.rates = calm;
  weather.ambushes.clear();
  world.windowsAway = false;
  pods.platform.forgetFailures();
  pods.platform.heal();
  pods.startLike(quickStart);
  for (const slot of slots.values()) {
    if (slot.rival) world.kill(slot.name, true);
    slot.process.skewMs = 0;
    slot.process.thaw();
    if (slot.process.isAlive) slot.connected?.link.reconnect();
  }
};
