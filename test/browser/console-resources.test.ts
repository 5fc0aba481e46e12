import { GetObjectCommand, ListObjectsV2Command, S3Client } from "@aws-sdk/client-s3";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { clientSettings, sendLetters, storeObjects } from "./console-data.ts";
import { startConsoleSite } from "./console-site.ts";
import { open } from "./site.ts";

let site: Awaited<ReturnType<typeof startConsoleSite>>;
let s3: S3Client;
beforeAll(async () => {
  site = await startConsoleSite("app");
  s3 = new S3Client({ ...clientSettings(site.app), forcePathStyle: true });
  await storeObjects(site.app);
  await sendLetters(site.app);
}, 120_000);
afterAll(() => site.stop());

const stored = async (Bucket: string, Key: string) =>
  (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
const confirm = async (page: Page, name: string) => {
  await page.getByRole("button", { name, exact: true }).first().click();
  await page.getByRole("dialog").getByRole("button", { name, exact: true }).click();
};
const focused = (page: Page) => page.evaluate(() => document.activeElement?.textContent);

describe("buckets", () => {
  it("are walked folder by folder, and Back goes back", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/console/buckets");
      const row = page.getByRole("row").filter({ hasText: "covers" }).filter({ hasText: "30.8 KB" });
      expect(await row.getByRole("cell").first().textContent()).toBe("5");
      await row.getByRole("link").click();
      await page.getByRole("link", { name: "2026/", exact: true }).click();
      await page.getByRole("link", { name: "brontë.txt" }).waitFor();
      expect(await focused(page)).toBe("2026");
      await page.getByRole("link", { name: "winter/" }).click();
      await page.getByRole("link", { name: "woolf.txt" }).waitFor();
      await page.goBack();
      await page.getByRole("link", { name: "eliot & co.txt" }).waitFor();
      await page.reload();
      await page.getByRole("link", { name: "eliot & co.txt" }).click();
      const panel = page.getByRole("region", { name: "2026/eliot & co.txt" });
      const href = await panel.getByRole("link", { name: "Open" }).getAttribute("href");
      expect(await (await fetch(href ?? "")).text()).toBe("eliot & co.txt".repeat(900));
      const kept = await fetch(
        (await panel.getByRole("link", { name: "Download" }).getAttribute("href")) ?? "",
      );
      expect(kept.headers.get("content-disposition")).toContain('filename="eliot _ co.txt"');
    });
  });

  it("show an object's metadata and tags, and give focus back when the panel closes", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/console/buckets/covers");
      await page.getByRole("link", { name: "readme.txt" }).press("Enter");
      const panel = page.getByRole("region", { name: "readme.txt" });
      await panel.getByText("7b").waitFor();
      expect(await focused(page)).toBe("readme.txt");
      expect(await panel.getByRole("region", { name: "Tags" }).textContent()).toContain("langen");
      await panel.getByRole("button", { name: "Close" }).press("Enter");
      await panel.waitFor({ state: "hidden" });
      expect(await focused(page)).toBe("readme.txt");
    });
  });

  it("take files that are chosen and dropped, and are emptied after asking", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/console/buckets/covers?prefix=2026%2Fwinter%2F");
      const large = Buffer.alloc(3 * 2 ** 20, "x");
      await page.getByLabel("Files to upload").setInputFiles([
        { name: "plath.txt", mimeType: "text/plain", buffer: Buffer.from("Plath") },
        { name: "large.bin", mimeType: "application/octet-stream", buffer: large },
      ]);
      await page.getByText("2 files uploaded").waitFor();
      await page.getByRole("link", { name: "plath.txt" }).waitFor();
      expect(await stored("covers", "2026/winter/plath.txt")).toBe("Plath");
      expect((await stored("covers", "2026/winter/large.bin"))?.length).toBe(large.length);
      await page.getByRole("region", { name: "Objects" }).evaluate((zone) => {
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["dropped"], "dropped.txt", { type: "text/plain" }));
        zone.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer }));
      });
      await page.getByRole("link", { name: "dropped.txt" }).waitFor();
      expect(await stored("covers", "2026/winter/dropped.txt")).toBe("dropped");
      await page.getByText(/^8 objects, 3 MB/).waitFor();

      await open(page, "/console/buckets/covers");
      await confirm(page, "Empty");
      await page.getByText("The bucket is empty").waitFor();
      await page.getByText(/^0 objects, 0 B/).waitFor();
      const command = await page.getByRole("region", { name: "A command to try" }).textContent();
      expect(command).toContain(`AWS_ENDPOINT_URL=${site.app.cloud.endpoint}`);
      expect(command).toContain("s3://covers/");
      expect((await s3.send(new ListObjectsV2Command({ Bucket: "covers" }))).KeyCount).toBe(0);
    });
  });

  it("bring back an older version, and what a delete marker hides", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/console/buckets/scans?key=draft.txt");
      const panel = page.getByRole("region", { name: "draft.txt" });
      await panel
        .getByRole("button", { name: /^Restore/ })
        .last()
        .click();
      await expect.poll(() => stored("scans", "draft.txt")).toBe("first draft");
      await expect.poll(() => panel.getByRole("button", { name: /^Restore/ }).count()).toBe(3);

      await open(page, "/console/buckets/scans?versions=1");
      const lost = page.getByRole("row").filter({ hasText: "delete marker" });
      await lost.getByRole("link", { name: "lost.txt" }).click();
      await confirm(page, "Remove marker");
      await expect.poll(() => stored("scans", "lost.txt")).toBe("gone soon");
      await lost.waitFor({ state: "hidden" });
    });
  });
});

describe("mails", () => {
  it("show HTML in a frame that runs nothing, loads nothing, and is not an open", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      const asked: string[] = [];
      page.on("requestfinished", (request) => asked.push(request.url()));
      await page.addInitScript(() => {
        addEventListener("message", () => document.documentElement.setAttribute("data-escaped", ""));
      });
      await open(page, "/console/mails");
      const line = page.getByRole("link", { name: /^Unread: .*george/ });
      await line.click();
      const frame = page.frameLocator("iframe");
      await frame.getByRole("heading", { name: "Your book is waiting" }).waitFor();
      const sources = await frame
        .locator("img")
        .evaluateAll((all) => all.map((one) => one.getAttribute("src")));
      expect(sources).toEqual(["https://example.com/spy.gif", "data:,"]); // the second told of opens
      expect(asked.filter((url) => url.includes("example.com"))).toEqual([]);
      expect(await page.locator("html").getAttribute("data-escaped")).toBeNull();
      expect(await page.locator("iframe").getAttribute("sandbox")).toBe("");
      await page.getByRole("link", { name: /^george/ }).waitFor(); // read now
      const events = page.getByRole("list", { name: "Events" });
      await events.getByText("Delivery", { exact: true }).waitFor();
      expect(await events.getByText("Open", { exact: true }).count()).toBe(0);
      expect(await page.getByRole("link", { name: "See your loans" }).getAttribute("href")).toContain(
        "/_aws/ses/click/",
      );
    });
  });

  it("turn by arrow keys to text, headers and source, and hand out what is attached", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/console/mails?to=george%40example.com");
      await page.getByRole("list", { name: "Inbox" }).getByRole("link").click();
      const face = page.getByRole("tablist", { name: "The message" });
      await face.getByRole("tab", { name: "HTML" }).focus();
      await page.keyboard.press("ArrowRight");
      await page.getByRole("region", { name: "Text" }).waitFor();
      expect(await focused(page)).toBe("Text");
      await page.keyboard.press("End");
      expect(await page.getByRole("region", { name: "Source" }).textContent()).toContain("MIME-Version: 1.0");
      const file = page.getByRole("link", { name: "receipt.txt" });
      const answer = await page.request.get((await file.getAttribute("href")) ?? "");
      expect(await answer.text()).toBe("One book, no fee.");
      expect(answer.headers()["content-disposition"]).toContain("attachment");
      expect(answer.headers()["content-security-policy"]).toContain("sandbox");
    });
  });

  it("bounce when told to; the address is suppressed, and let in again", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/console/mails?to=dorothea%40example.com");
      const line = page.getByRole("list", { name: "Inbox" }).getByRole("link");
      await line.click();
      await page.getByRole("button", { name: "Bounce", exact: true }).click();
      await page.getByRole("list", { name: "Events" }).getByText("bounceType Permanent").waitFor();
      await line.getByText("Bounce").waitFor();
      await page.getByRole("tab", { name: "Suppressed" }).click();
      await page.getByRole("button", { name: "Remove dorothea@example.com" }).click();
      await page.getByRole("rowheader", { name: "dorothea@example.com" }).waitFor({ state: "hidden" });
    });
  });
});
