import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
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

/**
 * Builds the web app, for the local cloud or as it ships to AWS: in a process of its own, since a test's NODE_ENV would
 * bring React's development build.
 */
export const buildWeb = async (where: "local" | "aws", outDir = join(root, "web/dist")): Promise<void> => {
  const { VITE_LOCAL_CLOUD: _, ...plain } = process.env;
  const env = { ...plain, NODE_ENV: "production", ...(where === "local" && { VITE_LOCAL_CLOUD: "/_local" }) };
  const vite = join(root, "node_modules/vite/bin/vite.js");
  const args = [vite, "build", "web", "--outDir", outDir, "--emptyOutDir"];
  await promisify(execFile)(process.execPath, args, { cwd: root, env });
};

/** Builds the web app, starts everything from the graph, and Chromium. TEST_URL names a system that runs already. */
export const startSite = async (): Promise<Site> => {
  await buildWeb("local");
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
  context.setDefaultTimeout(15_000);
  await context.tracing.start({ screenshots: true, snapshots: true });
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

/** What axe finds wrong, by rule and element. */
export const axeFindings = async (page: Page): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page })
    .withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"])
    .analyze();
  return violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.target.join(" ")}`));
};
