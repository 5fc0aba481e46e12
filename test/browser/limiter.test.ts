import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeInBothThemes, open, type Site, signInAsDemo, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
}, 120_000);
afterAll(() => site.stop());

const figures = (page: Page, name: string) =>
  page
    .getByRole("region", { name: "Figures by algorithm" })
    .getByRole("row", { name: new RegExp(`^${name}`) })
    .getByRole("cell")
    .allTextContents();

describe("the comparison", () => {
  it("draws seven limiters on the same requests; the fixed window lets twice its limit through", async ({
    task,
  }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/limiter");
      expect(await page.locator(".lane[data-algorithm]").count()).toBe(7);
      expect(await figures(page, "Fixed window")).toEqual(expect.arrayContaining(["20", "20 +10"]));
      expect((await figures(page, "Sliding window log"))[2]).toBe("10");
      await page.getByText("24 of 24 decisions equal").waitFor();
      expect(await figures(page, "Token bucket")).toEqual(await figures(page, "GCRA"));
      await page.getByRole("radio", { name: "Two clients" }).check();
      await page.getByText("Count each client by itself").waitFor();
      expect((await figures(page, "Sliding window log"))[2]).toBe("10");
    });
  });

  it("gives all seven the same requests, and all seven others when others are drawn", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/limiter");
      const rows = page.getByRole("region", { name: "Figures by algorithm" }).locator("tbody tr");
      const decided = () =>
        rows.evaluateAll((all) =>
          all.map((row) =>
            [...row.querySelectorAll("td")].slice(0, 2).map((cell) => Number(cell.textContent)),
          ),
        );
      const before = await decided();
      expect(before.map(([admitted = 0, denied = 0]) => admitted + denied)).toEqual(Array(7).fill(24));
      const drawn = () => page.locator(".lane .mark-admitted").first().getAttribute("d");
      const lane = await drawn();
      await page.getByRole("button", { name: "Draw other arrivals" }).click();
      await page.getByText("seed 2").waitFor();
      expect(await drawn()).not.toBe(lane);
      const sums = (await decided()).map(([admitted = 0, denied = 0]) => admitted + denied);
      expect(new Set(sums).size).toBe(1);
    });
  });

  it("follows its sliders: the rate bears on all, the burst on buckets alone", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/limiter");
      const finding = page.locator(".finding");
      expect(await finding.textContent()).toContain("served 20 units within 10 s, at a limit of 10");
      const [window, bucket] = [await figures(page, "Fixed window"), await figures(page, "Token bucket")];
      await page.getByRole("slider", { name: /^Burst/ }).press("End");
      await expect.poll(() => figures(page, "Token bucket")).not.toEqual(bucket);
      expect(await figures(page, "Fixed window")).toEqual(window);
      await page.getByRole("slider", { name: /^Rate/ }).press("End");
      await expect.poll(() => finding.textContent()).toContain("at a limit of 40");
      expect(await figures(page, "Fixed window")).not.toEqual(window);
      expect(await axeInBothThemes(page)).toEqual([]);
    });
  });

  it("plays, stands still, and goes request by request, by keyboard too", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/limiter");
      const scrub = page.getByRole("slider", { name: "Instant shown" });
      const spoken = () => scrub.getAttribute("aria-valuetext");
      expect(await spoken()).toBe("30.0 s of 30.0 s, 24 of 24 requests");
      await scrub.focus();
      await page.keyboard.press("Home");
      await expect.poll(spoken).toBe("0.0 s of 30.0 s, 0 of 24 requests");
      await page.getByRole("button", { name: "+1 request" }).click();
      await expect.poll(spoken).toMatch(/, 1 of 24 requests$/);
      const first = page.locator('.lane[data-algorithm="fixed-window"] .tone-admitted');
      expect(await first.textContent()).toBe("1 admitted");
      await page.getByRole("radio", { name: "16×" }).check();
      await page.getByRole("button", { name: "Go on" }).click();
      await expect.poll(spoken).toMatch(/, 24 of 24 requests$/);
    });
  });
});

describe("the limits of this app", () => {
  it("a flood is stopped at the stated limit, and let in again at the stated time", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/limiter");
      const flood = page.getByTestId("flood");
      await flood.getByRole("button", { name: "Send 60 at once" }).click();
      await flood.getByText("The first refusal").waitFor({ timeout: 60_000 });
      await flood.getByText(/\b3\d × 401 admitted/).waitFor(); // 30, and one more for each 15 s that it took
      await flood.getByText(/\b[23]\d × 429 denied/).waitFor();
      await flood
        .getByText(/Retry-After stated, one more request: 401 admitted/)
        .waitFor({ timeout: 60_000 });
      expect(await flood.locator('.verdict[data-held="true"]').count()).toBe(1);
    });
  });

  it("rules are listed with what is left of them, and headers are shown raw and in words", async ({
    task,
  }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/limiter");
      const live = page.getByTestId("live-limits");
      await live.locator('[data-rule="read-ip"]').waitFor();
      await live.locator('[data-rule="read-ip"]').getByText(/left/).waitFor();
      await page.getByText("RateLimit-Policy:").first().waitFor();
      await page
        .getByText(/12,000 units each 60 s/)
        .first()
        .waitFor();
    });
  });
});

it("the experiments hold: exactly 10 of 30 by each algorithm, all or nothing, to the moment", async ({
  task,
}) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/limiter");
    await signInAsDemo(page);
    for (const [id, button] of [
      ["exact", "Race 7 × 30 checks"],
      ["whole", "Ask for too much"],
      ["refund", "Take, refund, race"],
      ["shadow", "Send 15 past a shadow of 5"],
      ["hostile", "Send seven bad requests"],
    ] as const) {
      const experiment = page.locator(`[data-experiment="${id}"]`);
      await experiment.getByRole("button", { name: button }).click();
      const verdict = experiment.locator(".verdict");
      await verdict.waitFor({ timeout: 60_000 });
      expect(await verdict.getAttribute("data-held"), await verdict.textContent().then(String)).toBe("true");
    }
  });
});
