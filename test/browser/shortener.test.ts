import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { freshUrl, open, type Site, shorten, signInAsDemo, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
}, 120_000);
afterAll(() => site.stop());

describe.each(["light", "dark"] as const)("in the %s theme", (colorScheme) => {
  it(`a person shortens a URL, follows it and sees the count move (${colorScheme})`, async ({ task }) => {
    await site.visit(task.name, { colorScheme }, async (page) => {
      await open(page, "/shortener");
      await signInAsDemo(page);
      const target = freshUrl();
      const short = await shorten(page, target);

      const answer = await page.request.get(short, { maxRedirects: 0 });
      expect(answer.status()).toBeGreaterThanOrEqual(301);
      expect(answer.headers().location).toBe(target);

      await page.locator("#watch").scrollIntoViewIfNeeded();
      const people = page.getByTestId("people");
      await people.waitFor();
      await expect.poll(() => people.textContent(), { timeout: 20_000 }).toBe("1");
      await page.getByRole("button", { name: "Click 10 times" }).click();
      await page.getByText("10 redirects answered").waitFor();
      await expect.poll(() => people.textContent(), { timeout: 20_000 }).toBe("11");
      await expect.poll(() => page.locator("#watch .bar-people").count()).toBeGreaterThan(0);
    });
  });
});

describe("links", () => {
  it("an owner finds a link by its URL, edits it, switches it off and deletes it", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/shortener");
      await signInAsDemo(page);
      const target = freshUrl();
      const short = await shorten(page, target);
      await page.getByLabel("Which links lead to this URL?").fill(target);
      await page.getByRole("button", { name: "Look up" }).click();
      const rows = page.locator(".link-row");
      await expect.poll(() => rows.count()).toBe(1);
      await rows.getByRole("link").first().click();

      await page.getByRole("heading", { name: "Edit" }).waitFor();
      const next = freshUrl();
      await page.getByLabel("Leads to").fill(next);
      await page.getByLabel("Title").fill("Spring sale");
      await page.getByRole("button", { name: "Save changes" }).click();
      await page.getByText("Saved").waitFor();
      await page.getByRole("heading", { level: 1, name: "Spring sale" }).waitFor();
      const location = async () => (await page.request.get(short, { maxRedirects: 0 })).headers().location;
      await expect.poll(location, { timeout: 10_000 }).toBe(next);

      await page.getByRole("button", { name: "Switch off" }).click();
      await page.getByText("Switched off: visitors hear 410").waitFor();
      const status = async () => (await page.request.get(short, { maxRedirects: 0 })).status();
      await expect.poll(status, { timeout: 10_000 }).toBe(410);

      await page.getByRole("button", { name: "Delete", exact: true }).click();
      await page.getByRole("button", { name: "Delete the link" }).click();
      await page.getByRole("heading", { level: 1, name: "URL shortener" }).waitFor();
      await expect.poll(status, { timeout: 10_000 }).toBe(404);
    });
  });

  it("somebody who is not signed in shortens, and asking again gives the same link", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/shortener");
      const target = freshUrl();
      const first = await shorten(page, target);
      await page.getByLabel("Long URL").fill(target);
      await page.getByRole("button", { name: "Shorten", exact: true }).click();
      await page.getByText("You had this link already").waitFor();
      expect(await page.locator(".result-url a").getAttribute("href")).toBe(first);
      await page.getByText("Anonymous links belong to nobody").waitFor();
    });
  });

  it("a taken code and an unsafe URL are told at their fields, and the field has the focus", async ({
    task,
  }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/shortener");
      const code = `taken-${crypto.randomUUID().slice(0, 8)}`;
      await page.getByRole("textbox", { name: /^Custom code/ }).fill(code);
      await shorten(page, freshUrl());
      await page.getByRole("textbox", { name: /^Custom code/ }).fill(code);
      await page.getByLabel("Long URL").fill(freshUrl());
      await page.getByRole("button", { name: "Shorten", exact: true }).click();
      const field = page.getByRole("textbox", { name: /^Custom code/ });
      await expect.poll(() => field.getAttribute("aria-invalid")).toBe("true");
      await expect.poll(() => field.evaluate((it) => it === document.activeElement)).toBe(true);

      await field.fill("");
      const url = page.getByLabel("Long URL");
      await url.fill("javascript:alert(1)");
      await page.getByRole("button", { name: "Shorten", exact: true }).click();
      await expect.poll(() => url.getAttribute("aria-invalid")).toBe("true");
      const described = await url.getAttribute("aria-describedby");
      expect(await page.locator(`[id="${described}"]`).textContent()).not.toBe("");
    });
  });

  it("the countdown of a short-lived link ends in words, and the link answers 410", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/shortener");
      await page.getByRole("radio", { name: "Other" }).check();
      await page.getByLabel("Seconds from now").fill("3");
      const short = await shorten(page, freshUrl());
      await page.locator(".result").getByText("Expires in").waitFor();
      await page.locator(".result").getByText("Expired", { exact: true }).waitFor();
      expect((await page.request.get(short, { maxRedirects: 0 })).status()).toBe(410);
    });
  });
});

describe("break it", () => {
  it.each([["identical"], ["takers"], ["limit"], ["expiry"], ["hostile"], ["burst"]])(
    "the experiment %s runs against the real API, and its claim holds",
    async (id) => {
      await site.visit(`experiment ${id}`, {}, async (page) => {
        await open(page, "/shortener");
        if (id === "burst") await signInAsDemo(page);
        const card = page.locator(`[data-experiment="${id}"]`);
        await card.getByRole("button").first().click();
        const verdict = card.locator(".verdict");
        await verdict.waitFor({ timeout: 60_000 });
        expect(await verdict.getAttribute("data-held"), (await verdict.textContent()) ?? "").toBe("true");
      });
    },
  );
});
