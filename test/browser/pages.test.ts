import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  axeFindings,
  axeInBothThemes,
  beyondPhone,
  freshUrl,
  open,
  type Site,
  shorten,
  signInAsDemo,
  startSite,
} from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
}, 120_000);
afterAll(() => site.stop());

const pages = [
  ["/", "tenfold"],
  ["/shortener", "URL shortener · tenfold"],
  ["/cache", "Distributed cache · tenfold"],
  ["/limiter", "Rate limiter · tenfold"],
  ["/chat", "Chat (planned) · tenfold"],
  ["/map", "System map · tenfold"],
  ["/api", "API reference · tenfold"],
  ["/sign-in", "Sign in · tenfold"],
  ["/sign-up", "Create an account · tenfold"],
  ["/no-such-page", "Not found · tenfold"],
] as const;

it.each(pages)(
  "%s is named, axe finds nothing wrong in either theme, and 360 px suffice",
  async (path, title) => {
    await site.visit(`axe ${path}`, {}, async (page) => {
      await open(page, path);
      await page.waitForLoadState("load");
      expect(await page.title()).toBe(title);
      if (path === "/map") await page.locator(".resource").first().waitFor();
      if (path === "/api") await page.locator(".operation summary").first().click();
      expect(await axeInBothThemes(page)).toEqual([]);
      if (path === "/shortener") await shorten(page, freshUrl());
      expect(await beyondPhone(page)).toBeLessThanOrEqual(0);
    });
  },
);

it("axe finds nothing wrong with a used shortener and a link's page in either theme", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/shortener");
    await signInAsDemo(page);
    await shorten(page, freshUrl());
    await page.getByText("Password, click limit").click();
    await page.getByRole("button", { name: "Add a rule" }).click();
    expect(await axeInBothThemes(page)).toEqual([]);
    await page.locator(".result").getByRole("link", { name: "Details" }).click();
    await page.getByTestId("people").waitFor();
    expect(await axeInBothThemes(page)).toEqual([]);
  });
});

describe("on a phone of 360 px", () => {
  const viewport = { width: 360, height: 740 };

  it("the map is a list first, and a picture when asked for", async ({ task }) => {
    await site.visit(task.name, { viewport }, async (page) => {
      await open(page, "/map");
      await page.locator(".node-button").first().waitFor();
      expect(await page.locator(".resource").count()).toBe(0);
      expect(await beyondPhone(page)).toBeLessThanOrEqual(0);
      await page.getByRole("radio", { name: "Picture" }).check();
      await page.locator(".resource").first().waitFor();
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    });
  });

  it("the navigation opens as a dialog, and closes when a place is chosen", async ({ task }) => {
    await site.visit(task.name, { viewport }, async (page) => {
      await open(page, "/");
      await page.getByRole("button", { name: "Open navigation" }).click();
      const drawer = page.getByRole("dialog", { name: "Navigation" });
      expect(await axeFindings(page)).toEqual([]);
      await drawer.getByRole("link", { name: "System map" }).click();
      await page.getByRole("heading", { level: 1, name: "System map" }).waitFor();
      await expect.poll(() => drawer.isVisible()).toBe(false);
    });
  });
});

describe("by keyboard alone", () => {
  it("a person skips to the content, shortens a URL and reaches the result", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/shortener");
      const focused = () => page.evaluate(() => document.activeElement?.textContent ?? "");
      await page.keyboard.press("Tab");
      expect(await focused()).toBe("Skip to content");
      await page.keyboard.press("Enter");
      const input = page.getByLabel("Long URL");
      const onInput = () => input.evaluate((it) => it === document.activeElement);
      for (let presses = 0; presses < 10 && !(await onInput()); presses += 1)
        await page.keyboard.press("Tab");
      expect(await onInput()).toBe(true);
      await page.keyboard.type(freshUrl());
      await page.keyboard.press("Enter");
      await page.locator(".result").waitFor();
      const inResult = () => page.evaluate(() => document.activeElement?.closest(".result") !== null);
      for (let presses = 0; presses < 20 && !(await inResult()); presses += 1)
        await page.keyboard.press("Tab");
      expect(await inResult()).toBe(true);
    });
  });

  it("going to another page moves the focus to its heading", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/");
      await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Chat" }).focus();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "Chat" }).waitFor();
      await expect.poll(() => page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
    });
  });
});

describe("the map", () => {
  it("shows every resource, and lights up when a request crosses it", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/map");
      await page.locator(".resource").first().waitFor();
      expect(await page.locator(".resource[data-kind=function]").count()).toBeGreaterThan(5);
      expect(await page.locator(".resource[data-kind=table]").count()).toBeGreaterThan(0);
      expect(await page.locator(".react-flow__edge-path").count()).toBeGreaterThan(5);
      await page.getByText("Live", { exact: true }).waitFor();
      const lit = page.locator('.resource[data-kind="function"][data-lit="true"]').first().waitFor();
      await page.request.get("/api/v1/links");
      await page.request.get("/no-such-code");
      await lit;
    });
  });

  it("is a list too: a resource chosen by keyboard shows its settings and spans", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await page.request.get("/no-such-code");
      await open(page, "/map");
      await page.getByRole("radio", { name: "List" }).check();
      await page
        .getByRole("button", { name: /function.*redirect/i })
        .first()
        .focus();
      await page.keyboard.press("Enter");
      const panel = page.locator(".node-panel");
      await panel.getByText("memory").waitFor();
      await panel.locator(".span").first().waitFor();
      expect(await axeFindings(page)).toEqual([]);
    });
  });
});

describe("the rest", () => {
  it("a chosen theme stays after a reload, and needs no script within the page", async ({ task }) => {
    await site.visit(task.name, { colorScheme: "light" }, async (page) => {
      await open(page, "/");
      await page.getByRole("radio", { name: "Dark" }).check();
      const paper = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
      const dark = await paper();
      await page.reload();
      await page.locator("main h1").waitFor();
      expect(await paper()).toBe(dark);
      expect(await page.locator("script:not([src])").count()).toBe(0);
    });
  });

  it("a wrong password is told as a person expects", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/sign-in");
      await page.getByLabel("E-mail").fill("nobody@example.com");
      await page.getByLabel("Password").fill("wrong-password-1");
      await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
      await page.getByText("The e-mail or the password is wrong").first().waitFor();
    });
  });

  it("a session is taken up again after a reload, by the cookie no script can read", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/shortener");
      await signInAsDemo(page);
      expect(await page.evaluate(() => document.cookie)).toBe("");
      await page.reload();
      await page.getByRole("heading", { name: "Your links" }).waitFor();
    });
  });

  it("the reference sends a request to the running API and shows what came", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/api");
      await page.getByLabel("Find an operation").fill("shorten a url");
      await page.locator(".operation summary").first().click();
      await page.getByText(/^curl -i -X POST/).waitFor();
      await page.getByRole("button", { name: "Send", exact: true }).click();
      await page.locator(".trial .badge", { hasText: /^20[01]/ }).waitFor();
    });
  });

  it("without an answer from the API the page says so, and tries again when asked", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await page.route("**/api/v1/openapi.json", (route) => route.abort());
      await open(page, "/api");
      await page.getByText("The API cannot be reached").waitFor();
      await page.unroute("**/api/v1/openapi.json");
      await page.getByRole("button", { name: "Try again" }).click();
      await page.locator(".operation").first().waitFor();
    });
  });
});
