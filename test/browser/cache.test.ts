import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeInBothThemes, beyondPhone, open, type Site, signInAsDemo, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
}, 120_000);
afterAll(() => site.stop());

describe("by hand", () => {
  it("a person puts an entry, gets it with its version, and deletes it", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/cache");
      await signInAsDemo(page);
      const entry = page.getByTestId("entry");
      await entry.getByLabel("Key").fill(`key-${crypto.randomUUID().slice(0, 6)}`);
      const steps = entry.getByTestId("steps").locator("tbody tr");
      const step = async (name: string, n: number) => {
        await entry.getByRole("button", { name, exact: true }).click();
        await expect.poll(() => steps.count()).toBe(Math.min(n, 8)); // the page shows the last eight
      };
      for (const [n, name] of ["Put", "Get", "Delete"].entries()) await step(name, n + 1);
      const texts = await steps.allTextContents();
      expect(texts[2]).toMatch(/^PUT key-\w+200/);
      expect(texts[1]).toContain('{"title":"Hello"}');
      expect(texts[0]).toContain("204");
      // The process that answered the read may serve its copy until it hears of the deletion.
      let reads = 3;
      const readAgain = async () => {
        await step("Get", ++reads);
        return (await steps.allTextContents())[0];
      };
      await expect.poll(readAgain).toContain("404");
    });
  });

  it("one write drops what bears a tag, and nothing else", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/cache");
      await signInAsDemo(page);
      const tags = page.getByTestId("tags");
      await tags.getByRole("button", { name: "Write 24 entries" }).click();
      await tags.getByText("24 entries written").waitFor({ timeout: 30_000 });
      expect(await tags.locator('li[data-state="kept"]').count()).toBe(24);
      await tags.getByRole("button", { name: "Drop “sport”" }).click();
      await tags.getByText(/“sport” dropped by one write/).waitFor();
      expect(await tags.locator('li[data-state="gone"]').allTextContents()).toSatisfy(
        (texts: string[]) => texts.length > 0 && texts.every((text) => text.includes("sport")),
      );
      expect(await tags.locator('li[data-state="kept"]').allTextContents()).toSatisfy(
        (texts: string[]) => texts.length > 0 && texts.every((text) => !text.includes("sport")),
      );
      expect(await axeInBothThemes(page)).toEqual([]);
      expect(await beyondPhone(page)).toBeLessThanOrEqual(0);
    });
  });
});

it("a node added and removed by keyboard moves few keys, as the API says too", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/cache");
    const ring = page.getByTestId("ring");
    await ring.getByRole("button", { name: "Add a node" }).focus();
    await page.keyboard.press("Enter");
    const status = ring.getByText(/node-5 joined: \d+ keys moved/);
    await status.waitFor();
    const moved = Number(/(\d+) keys moved/.exec((await status.textContent()) ?? "")?.[1]);
    expect(moved).toBeGreaterThan(0);
    expect(moved).toBeLessThan(240 * 0.35);
    expect(await ring.locator('.ring-key[data-moved="true"]').count()).toBe(moved);
    await ring.getByRole("button", { name: "Ask the API" }).click();
    await ring.getByText("GET /ring gives 240 of 240 keys to the same node").waitFor();
    await ring.getByRole("button", { name: "Remove node-2" }).focus();
    await page.keyboard.press("Enter");
    await ring.getByText(/node-2 left: .* none between nodes that stayed/).waitFor();
  });
});

describe("under traffic", () => {
  it("reads are shown by the tier that answered them", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/cache");
      await signInAsDemo(page);
      const traffic = page.getByTestId("traffic");
      await traffic.getByRole("button", { name: "Send reads" }).click();
      const reads = (tier: string) =>
        traffic
          .getByRole("row", { name: new RegExp(`^${tier}`) })
          .getByRole("cell")
          .first();
      await reads("Origin").waitFor({ timeout: 30_000 });
      const hits = async () =>
        Number(await reads("L1").textContent()) + Number(await reads("L2").textContent());
      await expect.poll(hits, { timeout: 60_000 }).toBeGreaterThan(5);
      await traffic.getByRole("button", { name: "Stop" }).click();
      await traffic.getByRole("button", { name: "Send reads" }).waitFor();
      expect(await traffic.getByRole("alert").count()).toBe(0);
      const [l1, l2, origin] = await Promise.all(
        ["L1", "L2", "Origin"].map((tier) =>
          traffic
            .getByRole("row", { name: new RegExp(`^${tier}`) })
            .getByRole("cell")
            .allTextContents(),
        ),
      );
      const [a, b, c] = [l1, l2, origin].map((cells) => Number(cells?.[0]));
      const ratio = ((((a ?? 0) + (b ?? 0)) / ((a ?? 0) + (b ?? 0) + (c ?? 0))) * 100).toFixed(1);
      await traffic.getByText(`Hit ratio ${ratio} %`).waitFor();
      expect(origin?.slice(2)).toSatisfy((times: string[]) =>
        times.every((time) => /\d (ms|µs)$/.test(time)),
      );
    });
  });

  it("a stampede asks the origin once with protection, and more than once without", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/cache");
      await signInAsDemo(page);
      const stampede = page.getByTestId("stampede");
      const send = async (protection: "On" | "Off") => {
        await stampede.getByRole("radio", { name: protection }).check();
        await stampede.getByRole("button", { name: "Send 50 readers" }).click();
        const chart = stampede.locator(`[data-protection="${protection.toLowerCase()}"]`);
        const said = chart.getByText(/of 50 asked the origin, 50 were answered$/);
        await said.waitFor({ timeout: 60_000 });
        expect(await chart.locator(".stampede-line").count()).toBe(50);
        const loads = await chart.locator('.stampede-line[data-tier="origin"]').count();
        expect(await said.textContent()).toMatch(new RegExp(`^${loads} reader`));
        return loads;
      };
      expect(await send("On")).toBe(1);
      // Functions are warm now: without protection those under way at once all load.
      expect(await send("Off")).toBeGreaterThan(1);
      expect(await axeInBothThemes(page)).toEqual([]);
      expect(await beyondPhone(page)).toBeLessThanOrEqual(0);
    });
  });

  it("four strategies do the same work, and a record written behind catches up", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/cache");
      await signInAsDemo(page);
      const strategies = page.getByTestId("strategies");
      await strategies.getByRole("button", { name: "Run all four" }).click();
      await strategies.getByText("All 240 operations answered").waitFor({ timeout: 100_000 });
      expect(await strategies.locator('.strategy[data-done="true"]').count()).toBe(4);
      const behind = page.getByTestId("write-behind");
      await behind.getByRole("button", { name: "Write 40 times" }).click();
      await behind.getByText("Caught up", { exact: true }).waitFor({ timeout: 60_000 });
      expect(await axeInBothThemes(page)).toEqual([]);
    });
  }, 200_000);
});

it("the experiments hold: one load of a stampede, late loads lose, a namespace goes at once", async ({
  task,
}) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/cache");
    await signInAsDemo(page);
    for (const [id, button] of [
      ["stampede", "Stampede, with and without"],
      ["late-fill", "Delete during a load"],
      ["late-load", "Write during a load"],
      ["cleared", "Drop a namespace"],
      ["hostile", "Send six odd requests"],
    ] as const) {
      const experiment = page.locator(`[data-experiment="${id}"]`);
      await experiment.getByRole("button", { name: button }).click();
      const verdict = experiment.locator(".verdict");
      await verdict.waitFor({ timeout: 60_000 });
      expect(await verdict.getAttribute("data-held"), String(await verdict.textContent())).toBe("true");
    }
  });
}, 200_000);

it("a session that has ended is told, with the way back", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/cache");
    await signInAsDemo(page);
    const entry = page.getByTestId("entry");
    await entry.waitFor();
    await page.context().clearCookies();
    // As after an hour: what the API is shown is no token it takes.
    await page.route("**/api/v1/**", (route) =>
      route.continue({ headers: { ...route.request().headers(), authorization: "Bearer ended.long.ago" } }),
    );
    await entry.getByRole("button", { name: "Put", exact: true }).click();
    await page.getByText("Your session has ended").first().waitFor();
    const ended = page.getByText("Your session has ended").first().locator("..");
    expect(await ended.getByRole("link", { name: "Sign in again" }).count()).toBe(1);
  });
});
