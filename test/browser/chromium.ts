import { existsSync } from "node:fs";
import bundled from "@sparticuz/chromium";
import { type Browser, chromium } from "playwright-core";

const system = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

// --no-sandbox: CI and containers run as root, where Chromium's sandbox cannot start.
const args = ["--no-sandbox", "--disable-dev-shm-usage", "--font-render-hinting=none"];

const launchFrom = (executablePath: string) => chromium.launch({ executablePath, args, headless: true });

/**
 * Chromium from npm, which needs Debian's libnss3, libnspr4 and libexpat1; where it cannot start, the system's own.
 * A machine with neither gets the first one's error, which names the missing library.
 */
export const launchChromium = async (): Promise<Browser> => {
  try {
    return await launchFrom(await bundled.executablePath());
  } catch (error) {
    const installed = system.find((path) => existsSync(path));
    if (installed === undefined) throw error;
    return launchFrom(installed);
  }
};

/** What a person's browser says it is. The headless one's own name is a bot's, and bots are counted apart. */
export const personUserAgent = (browser: Browser): string =>
  `Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/${browser.version()} Safari/537.36`;
