// One Chromium for a file of tests, and pages in it as different people would have them.

import { chromium } from "playwright-core";

// Debian's. A Chromium that may not reach the network must not be let try.
const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

// A page that takes longer has failed.
const WAIT_MS_MAX = 15_000;

export const NARROW = { width: 320, height: 640 };
export const WIDE = { width: 1280, height: 800 };

export class Browser {
  static async open() {
    return new Browser(await chromium.launch({ executablePath: EXECUTABLE, args: FLAGS, headless: true }));
  }

  constructor(chromium) {
    this.chromium = chromium;
  }

  // `who` is what `state` of another page gave: a person who is signed in already.
  async page({ size = WIDE, theme = "light", script = true, language = "ja-JP", who } = {}) {
    const context = await this.chromium.newContext({
      viewport: size,
      colorScheme: theme,
      javaScriptEnabled: script,
      locale: language,
      storageState: who,
      ignoreHTTPSErrors: true,
      reducedMotion: "reduce",
    });
    context.setDefaultTimeout(WAIT_MS_MAX);
    return context.newPage();
  }

  async close() {
    await this.chromium.close();
  }
}

// Cookies of whoever is signed in on this page, for other pages of the same person.
export const state = (page) => page.context().storageState();

// Everything that a page asked the network for, and everything that went wrong in it.
export function watch(page) {
  const seen = { requests: [], mistakes: [] };
  page.on("request", (request) => seen.requests.push(request.url()));
  page.on("requestfailed", (request) => seen.mistakes.push(`${request.url()} failed`));
  page.on("pageerror", (error) => seen.mistakes.push(String(error)));
  page.on("console", (message) => message.type() === "error" && seen.mistakes.push(message.text()));
  return seen;
}
