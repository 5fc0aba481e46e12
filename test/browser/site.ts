import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { expect } from "vitest";
import { startApp } from "../kit/app.ts";
import { launchChromium, personUserAgent } from "./chromium.ts";

const root = join(import.meta.dirname, "../..");
const results = join(root, "test-results");

/** The whole product, running, and a browser in front of it. */
export interface Site {
  readonly url: string;
  /** A page of its own context; a picture and a trace stay in `test-results/` when `run` fails. */
  visit(name: string, options: BrowserContextOptions, run: (page: Page) => Promise<void>): Promise<void>;
  stop(): Promise<void>;
}

/** Starts everything from the graph, and Chromium. TEST_URL names a system that runs already. */
export const startSite = async (): Promise<Site> => {
  const running = process.env.TEST_URL;
  const app = running === undefined ? await startApp() : { url: running, stop: async () => {} };
  const browser = await launchChromium();
  return {
    url: app.url,
    visit: (name, options, run) => visit(browser, app.url, name, options, run),
    stop: async () => {
      await browser.close();
      await app.stop();
    },
  };
};

/** Runs a visit of its own context. */
export const visit = async (
  browser: Browser,
  baseURL: string,
  name: string,
  options: BrowserContextOptions,
  run: (page: Page) => Promise<void>,
) => {
  const context = await browser.newContext({
    baseURL,
    userAgent: personUserAgent(browser),
    viewport: { width: 1280, height: 800 },
    reducedMotion: "reduce",
    ...options,
  });
  context.setDefaultTimeout(30_000); // on a busy machine a cold function may take long to answer
  await context.tracing.start({ snapshots: true }); // a film of each visit would take a tenth of the time
  const page = await context.newPage();
  const broken: string[] = [];
  page.on("pageerror", (error) => broken.push(error.message));
  const kept = join(results, name.replaceAll(/[^\w-]+/g, "-").slice(0, 100));
  try {
    await run(page);
    expect(broken, "errors thrown in the page").toEqual([]);
    await context.tracing.stop();
  } catch (error) {
    await mkdir(results, { recursive: true });
    await page.screenshot({ path: `${kept}.png`, fullPage: true }).catch(() => {});
    await context.tracing.stop({ path: `${kept}.zip` });
    throw error;
  } finally {
    await context.close();
  }
};

/** Opens a page of the app and waits until it has drawn its heading. */
export const open = async (page: Page, path: string): Promise<void> => {
  await page.goto(`/app${path}`);
  await page.locator("main h1").waitFor();
};

/** Signs in as the first demo user of the local cloud, by its menu. */
export const signInAsDemo = async (page: Page): Promise<void> => {
  await page.getByRole("button", { name: /account menu/ }).click();
  await page
    .getByRole("dialog", { name: "Account" })
    .getByRole("listitem")
    .first()
    .getByRole("button")
    .click();
  await page
    .getByText(/^Signed in as /)
    .first()
    .waitFor({ state: "attached" });
  await page.keyboard.press("Escape");
};

/** Shortens `url` with the form, and gives the short URL shown. */
export const shorten = async (page: Page, url: string): Promise<string> => {
  await page.getByLabel("Long URL").fill(url);
  await page.getByRole("button", { name: "Shorten", exact: true }).click();
  await page.locator(".result-target", { hasText: url }).waitFor();
  const href = await page.locator(".result-url a").getAttribute("href");
  expect(href).toMatch(/^http/);
  return href ?? "";
};

/** A URL nobody has shortened. */
export const freshUrl = (): string => `https://example.com/browser/${crypto.randomUUID()}`;

const levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const colours = ["color-contrast", "link-in-text-block"];

type RunOnly = Parameters<AxeBuilder["options"]>[0]["runOnly"];

const findings = async (page: Page, runOnly: RunOnly): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page })
    .options({ ...(runOnly && { runOnly }), resultTypes: ["violations"] })
    .setLegacyMode(page.frames().length === 1) // what joins the findings of frames needs a page of its own
    .analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}`));
};

/** What axe finds wrong, by rule and element. */
export const axeFindings = (page: Page): Promise<string[]> => findings(page, { type: "tag", values: levels });

/** The same in the light theme, and in the dark one by the rules that look at colours: all else is one for both. */
export const axeInBothThemes = async (page: Page): Promise<string[]> => {
  await page.emulateMedia({ colorScheme: "light" });
  const light = await axeFindings(page);
  await page.emulateMedia({ colorScheme: "dark" });
  const dark = await findings(page, { type: "rule", values: colours });
  return [...light, ...dark.map((finding) => `dark: ${finding}`)];
};

/** How many pixels of the page a phone of 360 px cannot show without scrolling sideways. */
export const beyondPhone = async (page: Page): Promise<number> => {
  await page.setViewportSize({ width: 360, height: 740 });
  return (await page.evaluate(() => document.documentElement.scrollWidth)) - 360;
};
