import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeInBothThemes, beyondPhone, open, type Site, signInAsDemo, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
}, 120_000);
afterAll(() => site.stop());

describe("own rules", () => {
  it("a person defines a rule, races it, gives back, and finds what is left", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/limiter");
      await signInAsDemo(page);
      const own = page.getByTestId("own-rules");
      const name = `test-${crypto.randomUUID().slice(0, 6)}`;
      await own.getByLabel("Name").fill(name);
      await own.getByLabel("Each, in seconds").fill("3600");
      await own.getByRole("button", { name: "Save the rule" }).click();
      await own.getByText("The rule is made").waitFor();
      await own.getByRole("button", { name: "Check 10 at once" }).click();
      const usage = own.getByTestId("usage");
      await usage.getByText(/^0 of 5 left/).waitFor();
      await own.getByRole("button", { name: "Refund" }).click();
      await usage.getByText(/^1 of 5 left/).waitFor();
      await own.getByRole("button", { name: "Reset" }).click();
      await usage.getByText(/^5 of 5 left/).waitFor();
      expect(await axeInBothThemes(page)).toEqual([]);
      expect(await beyondPhone(page)).toBeLessThanOrEqual(0);
      await own.getByRole("button", { name: "Delete the rule" }).click();
      await expect.poll(() => own.locator("option", { hasText: name }).count()).toBe(0);
    });
  });

  it("what makes no sense is told at its field", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/limiter");
      await signInAsDemo(page);
      const own = page.getByTestId("own-rules");
      await own.getByLabel("Limit, in units").fill("0");
      await own.getByRole("button", { name: "Save the rule" }).click();
      await expect.poll(() => own.getByLabel("Limit, in units").getAttribute("aria-invalid")).toBe("true");
    });
  });
});

describe("when it goes wrong", () => {
  it("without an API key the page says what to do", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await page.route("**/api/v1/limits/api-key", (route) => route.abort());
      await open(page, "/limiter");
      await signInAsDemo(page);
      const own = page.getByTestId("own-rules");
      await own.getByLabel("Name").fill(`key-${crypto.randomUUID().slice(0, 6)}`);
      await own.getByRole("button", { name: "Save the rule" }).click();
      await own.getByRole("button", { name: "Check once" }).click();
      await own.getByText("No API key to check with").waitFor();
      await page.unroute("**/api/v1/limits/api-key");
      await own.getByRole("button", { name: "Check once" }).click();
      await own.getByRole("region", { name: "Decisions" }).getByText("allowed").waitFor();
      expect(await own.getByText("No API key to check with").count()).toBe(0);
      await own.getByRole("button", { name: "Delete the rule" }).click();
    });
  });

  it("an experiment that cannot be run to its end decides nothing", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/limiter");
      await signInAsDemo(page);
      await page.route("**/api/v1/limits/rules*", (route) => route.abort());
      const experiment = page.locator('[data-experiment="whole"]');
      await experiment.getByRole("button", { name: "Ask for too much" }).click();
      await experiment.getByText("Not decided").waitFor();
      expect(await experiment.locator(".verdict").textContent()).toContain("The API cannot be reached.");
    });
  });
});

it("who signs in because a rule asks for it comes back to the rules", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/limiter");
    await page.getByTestId("own-rules").getByRole("link", { name: "Sign in" }).click();
    await page.getByLabel("E-mail").fill("owner@tenfold.example");
    await page.getByLabel("Password").fill("Owner-of-links-1");
    await page.getByRole("main").getByRole("button", { name: "Sign in" }).click();
    await page.getByTestId("own-rules").getByLabel("Name").waitFor();
  });
});
