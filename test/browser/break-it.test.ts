import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeInBothThemes, freshUrl, open, type Site, shorten, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
}, 120_000);
afterAll(() => site.stop());

const panel = (page: Page) => page.getByRole("region", { name: "Break the system itself" });
const bar = (page: Page) => page.getByText(/on purpose$/);

/** Chooses and breaks, as a person does. */
const breakIt = async (page: Page, what: string, how: string, often: string) => {
  await panel(page).getByLabel("What").selectOption({ label: what });
  await panel(page).getByLabel("How", { exact: true }).selectOption({ label: how });
  await panel(page).getByLabel(often, { exact: true }).check();
  await panel(page).getByRole("button", { name: "Break it" }).click();
};

const healed = async (page: Page) => {
  await page.getByRole("button", { name: "Heal all" }).first().click();
  await bar(page).waitFor({ state: "hidden" });
};

it("shows what is broken on every page, counts it, and heals it, in both themes", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/shortener");
    await breakIt(page, "ShortenerShorten", "Throttled", "Always");
    await bar(page).waitFor();
    expect(await bar(page).textContent()).toContain("1 fault");
    const fault = panel(page).getByRole("listitem").filter({ hasText: "ShortenerShorten" });
    await fault.getByText("0 of 0").waitFor();

    await page.getByLabel("Long URL").fill(freshUrl());
    await page.getByRole("button", { name: "Shorten", exact: true }).click();
    await fault.getByText(/^[1-9]\d* of [1-9]/).waitFor();
    expect(await page.locator(".result-target").count()).toBe(0);
    expect(await axeInBothThemes(page)).toEqual([]);

    await open(page, "/api");
    await bar(page).waitFor();
    await open(page, "/shortener");
    await fault.getByRole("button", { name: /^Stop: ShortenerShorten/ }).click();
    await panel(page).getByText("Nothing is broken").waitFor();
    await bar(page).waitFor({ state: "hidden" });
    await shorten(page, freshUrl());
  });
});

describe("the panel", () => {
  it("shows a pattern its own resources first, its table before all", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      for (const [path, table] of [
        ["/limiter", "LimitsTable"],
        ["/cache", "CacheTable"],
      ] as const) {
        await open(page, path);
        const what = panel(page).getByLabel("What");
        await what.waitFor();
        expect(await what.locator("option:checked").textContent()).toBe(table);
        expect(await what.locator("optgroup").first().getAttribute("label")).toBe("Of this pattern");
      }
    });
  });

  it("is used by keyboard alone", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/shortener");
      await panel(page).getByLabel("What").focus();
      await page.keyboard.press("Tab");
      await page.keyboard.press("Tab");
      await page.keyboard.press("ArrowRight"); // among the strengths
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await bar(page).waitFor();
      await page.keyboard.press("Tab");
      const focused = () => page.evaluate(() => document.activeElement?.textContent);
      expect(await focused()).toBe("Heal all");
      await page.keyboard.press("Enter");
      await bar(page).waitFor({ state: "hidden" });
    });
  });

  it("stands on the map, and offers what each kind of resource can suffer", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/map");
      const kinds = await panel(page)
        .locator("optgroup")
        .evaluateAll((groups) => groups.map((g) => g.getAttribute("label")));
      expect(kinds).toEqual(expect.arrayContaining(["APIs", "Functions", "Tables", "Queues", "Event buses"]));
      await breakIt(page, "ShortenerTable", "Answers are lost", "1 in 5");
      await breakIt(page, "ShortenerPreviews", "Messages come twice", "Once");
      await page.getByText("2 faults on purpose").waitFor();
      await healed(page);
    });
  });

  it("fits a phone of 360 px", async ({ task }) => {
    await site.visit(task.name, { viewport: { width: 360, height: 740 } }, async (page) => {
      await open(page, "/shortener");
      await breakIt(page, "ShortenerTable", "Throttled", "Once");
      await bar(page).waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
      await healed(page);
    });
  });
});

it("a rule that is none is refused by name, over HTTP, as a problem document", async () => {
  const post = (body: unknown, headers: Record<string, string> = { "content-type": "application/json" }) =>
    fetch(`${site.url}/_local/faults`, { method: "POST", headers, body: JSON.stringify(body) });
  const wrong = await post({ fault: { kind: "latency", ms: -1 }, when: { probability: 3 } });
  expect([wrong.status, wrong.headers.get("content-type")]).toEqual([400, "application/problem+json"]);
  const { detail } = (await wrong.json()) as { detail: string };
  expect(detail).toContain("/fault/ms is negative");
  expect(detail).toContain("/when/probability is above 1");
  const elsewhere = { "content-type": "application/json", origin: "https://evil.example" };
  expect((await post({ fault: { kind: "drop" } }, elsewhere)).status).toBe(403);
  expect((await post({ fault: { kind: "drop" } }, { "content-type": "text/plain" })).status).toBe(415);
  const added = await post({ id: "mine", fault: { kind: "drop" }, when: { probability: 0 } });
  expect([added.status, await added.json()]).toEqual([200, { id: "mine" }]);
  const listed = (await (await fetch(`${site.url}/_local/faults`)).json()) as { rules: { id: string }[] };
  expect(listed.rules.map(({ id }) => id)).toEqual(["mine"]);
  const remove = () =>
    fetch(`${site.url}/_local/faults/remove`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"id":"mine"}',
    });
  expect([(await remove()).status, (await remove()).status]).toEqual([200, 404]);
});
