import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { publishNotices, sendLetters, storeObjects } from "./console-data.ts";
import { askInVain, connectReader, measureLoans, signReaderUp } from "./console-people.ts";
import { startConsoleSite } from "./console-site.ts";
import { axeInBothThemes, beyondPhone, open } from "./site.ts";

let site: Awaited<ReturnType<typeof startConsoleSite>>;
beforeAll(async () => {
  site = await startConsoleSite("app");
  for (const fill of [storeObjects, sendLetters, publishNotices, signReaderUp, measureLoans, askInVain])
    await fill(site.app);
  await connectReader(site.app);
}, 120_000);
afterAll(() => site.stop());

const paths = [
  "/console",
  "/console/buckets",
  "/console/buckets/covers?prefix=2026%2F&key=2026%2Fausten.txt",
  "/console/buckets/scans?versions=1&key=draft.txt",
  "/console/mails",
  "/console/mails?part=suppressed",
  "/console/mails?part=senders",
  "/console/messages",
  "/console/messages?part=topics",
  "/console/messages?part=devices",
  "/console/connections",
  "/console/buses",
  "/console/users",
  "/console/secrets",
  "/console/secrets?part=parameters",
  "/console/metrics",
  "/console/metrics?part=metrics&metric=Library%00Loans",
  "/console/permissions",
];

/** Where focus stands, as a person sees it. */
const focusShown = (page: Page) =>
  page.evaluate(() => {
    const { activeElement: element } = document;
    if (!element || element === document.body) return "nowhere";
    const { outlineStyle, boxShadow } = getComputedStyle(element);
    const sibling = element.nextElementSibling; // a pill's radio button shows focus beside it
    const beside = sibling ? getComputedStyle(sibling).outlineStyle : "none";
    return outlineStyle !== "none" || boxShadow !== "none" || beside !== "none" ? "seen" : element.outerHTML;
  });

describe.each(paths)("%s", (path) => {
  it(`is accessible in both themes with all that opens open, fits 360 px, and is walked by keyboard (${path})`, async () => {
    await site.visit(path, {}, async (page) => {
      const refused: string[] = [];
      page.on("console", (message) => message.type() === "error" && refused.push(message.text()));
      await open(page, path);
      await page.locator(".skeleton").first().waitFor({ state: "hidden" });
      const summaries = await page.locator("main summary").all();
      for (const summary of summaries) await summary.click();
      expect(await axeInBothThemes(page)).toEqual([]);
      expect(refused, "what the content policy or the console refused").toEqual([]);
      expect(await beyondPhone(page)).toBeLessThanOrEqual(0);
      for (const summary of summaries) await summary.click();
      expect(await beyondPhone(page)).toBeLessThanOrEqual(0);
      await page.locator("main h1").focus();
      await page.keyboard.press("Tab");
      expect(await focusShown(page)).toBe("seen");
      for (let step = 0; step < 12; step += 1) {
        await page.keyboard.press("Tab");
        const shown = await focusShown(page);
        if (shown === "nowhere") break; // past the end of the page
        expect(shown).toBe("seen");
      }
    });
  });
});

it("a page whose part is gone says so, and tries again", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await page.route("**/_local/s3/buckets", (route) => route.abort());
    await open(page, "/console/buckets");
    await page.getByRole("alert").getByText("cannot be reached").waitFor();
    await page.unroute("**/_local/s3/buckets");
    await page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
    await page.getByRole("link", { name: "covers", exact: true }).waitFor();
  });
});

it("an older bookmark to what is gone is told as such", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/console/buckets/nowhere");
    await page.getByText("There is no bucket nowhere.").waitFor();
  });
});

it("the overview counts, and says what is wrong", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/console");
    const card = (name: string) => page.getByRole("main").getByRole("listitem").getByRole("link", { name });
    await card("Mails").getByText("1 returned").waitFor();
    await card("Permissions").getByText("1 denied").waitFor();
    await card("Users").getByText("1 user, 0 open sessions").waitFor();
    await card("Messages").last().click();
    await page.getByRole("heading", { name: "Messages" }).waitFor();
  });
});

it("a page that is paused asks nothing more", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await page.clock.install();
    await open(page, "/console/connections");
    let asked = 0;
    page.on("request", (request) => {
      if (request.url().includes("/execute-api/")) asked += 1;
    });
    await page.clock.runFor(5_000);
    await expect.poll(() => asked).toBeGreaterThan(1);
    await page.getByRole("button", { name: /^Live/ }).click();
    await page.getByRole("button", { name: /^Live/, pressed: false }).waitFor();
    const before = asked;
    await page.clock.runFor(10_000);
    expect(asked).toBe(before);
  });
});

it("what is filtered stays on a reload, and the page's own tab undoes it", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/console/users");
    const find = page.getByLabel("Find");
    await find.pressSequentially("nob&dy");
    await page.reload();
    await expect.poll(() => find.inputValue()).toBe("nob&dy");
    await page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: "Users" }).click();
    await expect.poll(() => find.inputValue()).toBe("");
    await page.goBack();
    await expect.poll(() => find.inputValue()).toBe("nob&dy");
  });
});

it("a view that is slower than its page's rhythm still comes", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await page.clock.install();
    const held: (() => Promise<void>)[] = [];
    await page.route("**/_local/execute-api/connections", (route) => {
      held.push(() => route.continue());
    });
    await open(page, "/console/connections");
    await expect.poll(() => held.length).toBe(1);
    await page.clock.runFor(10_000); // six times its rhythm
    expect(held.length).toBe(1);
    await held[0]?.();
    await page.getByText("1 open WebSocket").waitFor();
  });
});
