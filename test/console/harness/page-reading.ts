/** What a page of the console shows, read as its reader would. */
import type { Locator, Page } from 'playwright-core';
import { z } from 'zod';
import { until } from '../../e2e/harness/until.ts';

/** The row of a workload in the fleet, by its name. */
export const fleetRow = (page: Page, name: string): Locator =>
  page.locator(`[role=row][data-workload="${name}"]`);

/** What is seen of it, with one space between words. */
export const textOf = async (place: Locator): Promise<string> =>
  // biome-ignore lint/performance/useDomNodeTextContent: words beside each other are not one word
  (await place.innerText()).replace(/\s+/g, ' ').trim();

/** The charts' own sentence on what they show. */
export const chartSentence = (page: Page): Promise<string> => textOf(page.locator('#charts-told'));

export const momentSlider = (page: Page): Locator =>
  page.getByRole('slider', { name: 'Moment to explain' });

/** The moment at which the charts stand, UTC ms. */
export const shownMoment = async (page: Page): Promise<number> =>
  Number(await momentSlider(page).getAttribute('aria-valuenow'));

/** Clicks the chart of loads where a moment is. */
export const clickMoment = async (page: Page, atMs: number): Promise<void> => {
  const slider = momentSlider(page);
  const ends = await Promise.all(
    ['aria-valuemin', 'aria-valuemax'].map(async (name) => Number(await slider.getAttribute(name))),
  );
  const [fromMs = 0, toMs = 0] = ends;
  const surface = page.locator('.u-over').first();
  const box = await surface.boundingBox();
  if (box === null) throw new Error('The chart is not in sight.');
  const x = ((atMs - fromMs) / (toMs - fromMs)) * box.width;
  await surface.click({ position: { x, y: box.height / 2 } });
};

/** Whether the pixels of a chart have the colour of a name in the style sheet somewhere. */
export const chartHasColour = async (page: Page, chart: number, name: string): Promise<boolean> => {
  const found: unknown = await page.evaluate(`(() => {
    const style = getComputedStyle(document.documentElement);
    const [r, g, b] = style.getPropertyValue('--${name}').trim().match(/[0-9a-f]{2}/gi)
      .map((two) => parseInt(two, 16));
    const canvas = document.querySelectorAll('.chart canvas')[${chart}];
    const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
    for (let at = 0; at < data.length; at += 4) {
      if (data[at] === r && data[at + 1] === g && data[at + 2] === b) return true;
    }
    return false;
  })()`);
  return z.boolean().parse(found);
};

/** An attribute of every element, in their order. */
export const attributes = async (places: Locator, name: string): Promise<readonly string[]> => {
  const found = await places.all();
  const values = await Promise.all(found.map((place) => place.getAttribute(name)));
  return values.flatMap((value) => value ?? []);
};

/** Lets the page believe that its tab was put away, or is looked at again. */
export const setSeen = async (page: Page, isSeen: boolean): Promise<void> => {
  await page.evaluate(`
    Object.defineProperty(document, 'visibilityState', {
      configurable: true,
      value: '${isSeen ? 'visible' : 'hidden'}',
    });
    document.dispatchEvent(new Event('visibilitychange'));
  `);
};

/** Resolves when nothing of the page is still to come. */
export const untilLoaded = async (page: Page): Promise<void> => {
  const limitMs = 30_000;
  const isLoaded = async () => (await page.locator('.loading').count()) === 0;
  await until('the page has loaded', { limitMs, seen: () => page.url() }, isLoaded);
};

/** How much of what was seen has moved since the page was loaded: Chromium's layout shift. */
export const layoutShift = async (page: Page): Promise<number> => {
  const found: unknown = await page.evaluate(`new Promise((resolve) => {
    let sum = 0;
    const observer = new PerformanceObserver((list) => {
      for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) sum += value;
    });
    observer.observe({ type: 'layout-shift', buffered: true });
    setTimeout(() => resolve(sum), 500);
  })`);
  return z.number().parse(found);
};
