import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { axeInBothThemes, beyondPhone, freshUrl, open, type Site, startSite } from "./site.ts";

let site: Site;
beforeAll(async () => {
  site = await startSite();
}, 120_000);
afterAll(() => site.stop());

const traceIdOf = (header: string | undefined) =>
  /Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/.exec(header ?? "")?.[1] ?? "";

/** Sends a request through the door, and gives its trace. */
const shortenOnce = async (page: Page): Promise<string> => {
  const answer = await page.request.post("/api/v1/shorten", { data: { url: freshUrl() } });
  expect(answer.status()).toBe(201);
  return traceIdOf(answer.headers()["x-amzn-trace-id"]);
};

const local = async <T>(page: Page, path: string): Promise<T> =>
  (await (await page.request.get(`/_local/${path}`)).json()) as T;
const act = async <T>(page: Page, path: string, data: object): Promise<T> =>
  (await (await page.request.post(`/_local/${path}`, { data })).json()) as T;

interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly ready: number;
  readonly deadLetterOf: readonly string[];
}
const deadLetterQueue = async (page: Page): Promise<Queue> => {
  const { queues } = await local<{ queues: Queue[] }>(page, "sqs/queues");
  const found = queues.find(({ deadLetterOf }) => deadLetterOf.length > 0);
  if (!found) throw new Error("No queue takes dead letters");
  return found;
};
const tableName = async (page: Page): Promise<string> => {
  const { tables } = await local<{ tables: { name: string }[] }>(page, "dynamodb/tables");
  return tables.find(({ name }) => name.includes("ShortenerTable"))?.name ?? "";
};
const functionName = async (page: Page): Promise<string> => {
  const { functions } = await local<{ functions: { component: string; triggers: { kind: string }[] }[] }>(
    page,
    "lambda/functions",
  );
  return functions.find(({ triggers }) => triggers.some(({ kind }) => kind === "api"))?.component ?? "";
};

/** Every page of the console, with something on it. */
const visitAll = async (page: Page, look: (page: Page) => Promise<void>) => {
  const trace = await shortenOnce(page);
  const dead = await deadLetterQueue(page);
  await act(page, "sqs/send", { queue: dead.name, body: '{"lost":true}' });
  const component = await functionName(page);
  const places: readonly (readonly [path: string, ready: string])[] = [
    ["/console", ".console-card"],
    ["/console/traces", ".trace-name a"],
    [`/console/traces/${trace}`, '[role="row"][data-id]'],
    ["/console/logs", ".log-function"],
    [`/console/logs/${component}`, ".log-tools"],
    ["/console/functions", "tbody tr"],
    [`/console/functions/${component}`, "textarea"],
    ["/console/tables", "tbody tr"],
    [`/console/tables/${await tableName(page)}`, ".item"],
    ["/console/queues", "tbody tr"],
    [`/console/queues/${dead.name}`, ".message"],
    ["/console/schedules", "tbody tr"],
  ];
  for (const [path, ready] of places) {
    await open(page, path);
    await page.locator(ready).first().waitFor();
    await look(page);
  }
};

it("axe finds nothing wrong with any page in either theme, and none scrolls sideways on a phone of 360 px", async ({
  task,
}) => {
  await site.visit(task.name, {}, async (page) => {
    await visitAll(page, async () => {
      expect(await axeInBothThemes(page), page.url()).toEqual([]);
      expect(await beyondPhone(page), page.url()).toBeLessThanOrEqual(0);
      await page.setViewportSize({ width: 1280, height: 800 });
    });
  });
});

describe("traces", () => {
  it("a request appears by itself, unless the list is paused", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/console/traces?path=shorten");
      await page.getByRole("button", { name: /^Live/ }).waitFor();
      const first = await shortenOnce(page);
      await page.locator(`a[href$="${first}"]`).waitFor();
      await page.getByRole("button", { name: /^Live/ }).click();
      const second = await shortenOnce(page);
      await page.getByRole("button", { name: /^Live/ }).click();
      const third = await shortenOnce(page);
      await page.locator(`a[href$="${third}"]`).waitFor();
      expect(await page.locator(`a[href$="${second}"]`).count()).toBe(1);
    });
  });

  it("a person walks a trace by keyboard: up and down, open and close, and to a span's facts", async ({
    task,
  }) => {
    await site.visit(task.name, {}, async (page) => {
      const id = await shortenOnce(page);
      await open(page, `/console/traces/${id}`);
      const rows = page.locator('[role="row"][data-id]');
      await expect.poll(() => rows.count()).toBeGreaterThanOrEqual(4);
      const row = () => page.evaluate(() => document.activeElement?.getAttribute("aria-level"));
      await page.locator('[role="row"][tabindex="0"]').focus();
      expect(await row()).toBe("1");
      await page.keyboard.press("ArrowDown");
      expect(await row()).toBe("2");
      await page.keyboard.press("ArrowRight");
      expect(await row()).toBe("3");
      await page.keyboard.press("Enter");
      const panel = page.getByRole("complementary", { name: "Chosen span" });
      await panel.getByText("environmentId").waitFor();
      await page.keyboard.press("Home");
      await page.keyboard.press("ArrowLeft");
      const closed = page.locator('[role="row"][aria-expanded="false"]');
      await expect.poll(() => closed.count()).toBe(1);
      await page.keyboard.press("ArrowRight");
      await expect.poll(() => closed.count()).toBe(0);
      await panel.getByRole("link", { name: "On the map" }).click();
      await page.locator(".node-panel").waitFor();
    });
  });

  it("an answer of the explorer leads to its trace, by keyboard alone", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/api");
      await page.getByLabel("Find an operation").focus();
      await page.keyboard.type("shorten a url");
      await expect.poll(() => page.locator(".operation").count()).toBe(1);
      await page.keyboard.press("Tab");
      await page.keyboard.press("Enter");
      await page.getByRole("button", { name: "Send", exact: true }).focus();
      await page.keyboard.press("Enter");
      const link = page.locator(".trial").getByRole("link", { name: "Trace" });
      await link.waitFor();
      expect(await page.locator(".history-call").count()).toBe(1);
      await link.focus();
      await page.keyboard.press("Enter");
      await page.getByRole("heading", { level: 1, name: "POST /api/v1/shorten" }).waitFor();
      await page.getByRole("treegrid").waitFor();
    });
  });

  it("a trace of 500 spans is drawn, walked and closed without a stutter", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await page.route("**/_local/traces/1-many", (route) => route.fulfill({ json: manySpans() }));
      await open(page, "/console/traces/1-many");
      const rows = page.locator('[role="row"][data-id]');
      await expect.poll(() => rows.count()).toBe(500);
      await page.locator('[role="row"][tabindex="0"]').focus();
      const worst = await page.evaluate(longestTask);
      expect(worst).toBeLessThan(2_000); // milliseconds: a page that draws all rows anew for each key takes longer on any machine
      expect(await page.evaluate(() => document.activeElement?.getAttribute("data-id"))).toBe("s60");
    });
  });
});

const manySpans = () => {
  const spans = Array.from({ length: 500 }, (_, i) => ({
    traceId: "1-many",
    id: `s${i}`,
    ...(i > 0 && { parentId: "s0" }),
    kind: i === 0 ? "http" : "aws",
    node: "arn:aws:dynamodb:r:1:table/t",
    name: i === 0 ? "GET /many" : "dynamodb:GetItem",
    start: 1_000 + i,
    durationMs: 5,
    detail: { readUnits: 0.5 },
  }));
  return { id: "1-many", spans, dropped: 0, linked: [], causes: [], labels: {} };
};

/** Presses a key sixty times, and gives the longest that the page took over one, ms. */
const longestTask = async (): Promise<number> => {
  let worst = 0;
  for (let i = 0; i < 60; i++) {
    const began = performance.now();
    const key = new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true, cancelable: true });
    document.activeElement?.dispatchEvent(key);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    worst = Math.max(worst, performance.now() - began);
  }
  return worst;
};

describe("logs and functions", () => {
  it("a line leads to its trace, opens, and is found by a pattern", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      const component = await functionName(page);
      await open(page, `/console/functions/${component}`);
      await page.getByRole("button", { name: "Invoke" }).click();
      await page.getByRole("link", { name: "Its trace" }).waitFor();
      await page.getByRole("main").getByRole("link", { name: "Logs", exact: true }).last().click();
      const report = page.locator(".log-line", { hasText: "report" }).first();
      await report.waitFor();
      await report.getByRole("button").click();
      await page.locator(".log-json").first().waitFor();
      await page.getByLabel("Filter pattern").fill('{ $.type = "platform.report" }');
      await expect.poll(() => page.locator(".log-open").getByText("start", { exact: true }).count()).toBe(0);
      await page.getByLabel("Filter pattern").fill("{ $.type = ");
      await page.getByRole("alert").waitFor();
      await page.getByLabel("Filter pattern").fill("");
      await page.locator(".log-line").getByRole("link", { name: "trace" }).last().click();
      await page.getByRole("treegrid").waitFor();
    });
  });
});

describe("queues, tables and schedules", () => {
  it("dead letters are looked at, sent back, and gone", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      const dead = await deadLetterQueue(page);
      const source = dead.deadLetterOf[0]?.split(":").at(-1) ?? "";
      await act(page, "sqs/send", { queue: dead.name, body: '{"lost":"letter"}' });
      await open(page, `/console/queues/${dead.name}`);
      await page.locator(".message", { hasText: "letter" }).first().locator("summary").click();
      await page.getByText('"lost": "letter"').first().waitFor();
      expect(source).not.toBe("");
      // no queue gave these up, so the redrive has nowhere to go: it says so, and keeps them
      await page.getByRole("button", { name: /^Redrive/ }).click();
      await page
        .getByText(/moved, failed/)
        .first()
        .waitFor();
      await page.getByRole("button", { name: "Purge" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Purge" }).click();
      await page.getByText("The queue is empty").waitFor();
    });
  });

  it("a table is read by key, and an item deleted", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await shortenOnce(page);
      await open(page, `/console/tables/${await tableName(page)}`);
      const item = page.locator(".item").first();
      await item.waitFor();
      const key = (await item.locator(".item-key").first().textContent()) ?? "";
      await page.getByRole("textbox", { name: "pk" }).fill(key);
      await expect.poll(() => page.locator(".item").count()).toBe(1);
      await page.locator(".item summary").click();
      await page.getByRole("button", { name: "Delete" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
      await page.getByText("No item").waitFor();
    });
  });

  it("a schedule is run now, and leads to what it did", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/console/schedules");
      await page
        .getByRole("button", { name: /^Run now/ })
        .first()
        .click();
      await page.getByRole("link", { name: "ran: its trace" }).click();
      await page.getByRole("heading", { level: 1, name: /^scheduler:Run/ }).waitFor();
      await expect.poll(() => page.locator('[role="row"][data-id]').count()).toBeGreaterThanOrEqual(2);
    });
  });
});
