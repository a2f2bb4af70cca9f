/** A page of the console in a browser, and all that it should not have done. */
import type { Browser, Page } from 'playwright-core';

export type Scheme = 'light' | 'dark';
export type Size = 'desktop' | 'phone';

const viewports = {
  desktop: { width: 1280, height: 800 },
  phone: { width: 390, height: 844 },
} as const satisfies Record<Size, { width: number; height: number }>;

/** Longer than anything takes on a machine that is busy with other things. */
const waitLimitMs = 30_000;

export interface WatchedPage {
  readonly page: Page;
  /** Errors of the page, what it wrote as such, and requests that left its origin. */
  readonly complaints: readonly string[];
  /** Goes to a page by its hash, and waits until its title is there. */
  readonly open: (hash: string, title: string | RegExp) => Promise<void>;
}

export interface PageOptions {
  readonly consoleUrl: string;
  readonly scheme?: Scheme;
  readonly size?: Size;
}

/** Opens a window of its own: no storage, no other page. */
export const openPage = async (
  browser: Browser,
  { consoleUrl, scheme = 'light', size = 'desktop' }: PageOptions,
): Promise<WatchedPage> => {
  const context = await browser.newContext({
    viewport: viewports[size],
    colorScheme: scheme,
    reducedMotion: 'reduce',
  });
  context.setDefaultTimeout(waitLimitMs);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      complaints.push(`${message.type()}: ${message.text()}`);
    }
  });
  page.on('pageerror', (error) => complaints.push(`thrown: ${error.stack ?? error.message}`));
  page.on('request', (request) => {
    const { origin, protocol } = new URL(request.url());
    if (origin !== consoleUrl && protocol !== 'data:') complaints.push(`asked: ${request.url()}`);
  });
  const open = async (hash: string, title: string | RegExp) => {
    await page.goto(`${consoleUrl}/${hash}`);
    await page.getByRole('heading', { level: 1, name: title }).waitFor();
  };
  return { page, complaints, open };
};
