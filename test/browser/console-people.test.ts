import { once } from "node:events";
import {
  CognitoIdentityProviderClient,
  ConfirmSignUpCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { byType } from "../../local/graph/graph.ts";
import { clientSettings, publishNotices } from "./console-data.ts";
import { askInVain, connectReader, measureLoans, signReaderUp } from "./console-people.ts";
import { startConsoleSite } from "./console-site.ts";
import { open } from "./site.ts";

let site: Awaited<ReturnType<typeof startConsoleSite>>;
beforeAll(async () => {
  site = await startConsoleSite("app");
  await publishNotices(site.app);
  await signReaderUp(site.app);
  await measureLoans(site.app);
  await askInVain(site.app);
}, 120_000);
afterAll(() => site.stop());

/** The section or item that focus stands in. */
const focusedIn = (page: Page) =>
  page.evaluate(() => document.activeElement?.closest("section, li")?.textContent ?? "");

describe("messages", () => {
  it("show a push as its phone would, with the payload", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/console/messages");
      await page.getByText("Middlemarch is waiting for you at the desk.", { exact: true }).waitFor();
      await page.getByText("Payload for GCM").click();
      expect(
        await page
          .getByRole("region", { name: /^Body of message/ })
          .first()
          .textContent(),
      ).toContain("9780141439549");
      await page.getByRole("radio", { name: "Texts" }).check({ force: true });
      await page.getByText("Your loan ends tomorrow.").waitFor();
      expect(await page.getByText("Payload for GCM").count()).toBe(0);
    });
  });

  it("reach a subscriber once it is confirmed, and focus stays near", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/console/messages?part=topics");
      await page.getByRole("button", { name: "Confirm george@example.com" }).press("Enter");
      const card = page.getByRole("region", { name: /Notices/ });
      await card.getByRole("button", { name: /^Confirm/ }).waitFor({ state: "hidden" });
      await expect
        .poll(() =>
          page.evaluate(
            () => document.activeElement?.closest("section")?.id ?? document.activeElement?.tagName,
          ),
        )
        .not.toBe("BODY");
      await card.getByText("Publish a message").click();
      await card.getByLabel("Message", { exact: true }).fill("Open again on Monday");
      await card.getByRole("button", { name: "Publish", exact: true }).click();
      await card.getByText("Published.").waitFor();
      await page.getByRole("tab", { name: "Outbox" }).click();
      await page.getByText("Open again on Monday").first().waitFor();
    });
  });

  it("fail at a device that is switched off", async ({ task }) => {
    await site.visit(task.name, {}, async (page) => {
      await open(page, "/console/messages?part=devices");
      await page.getByRole("button", { name: "Disable reader-phone-1" }).click();
      await page.getByRole("button", { name: "Enable reader-phone-1" }).waitFor();
      await page.getByText("Push a message").click();
      await page.getByLabel("Message", { exact: true }).fill("Anybody there?");
      await page.getByRole("button", { name: "Publish", exact: true }).click();
      await page
        .getByText(/disabled/i)
        .nth(1)
        .waitFor();
      await page.getByRole("button", { name: "Enable reader-phone-1" }).click();
      await page.getByRole("button", { name: "Disable reader-phone-1" }).waitFor();
    });
  });
});

it("a connection is written to and cut off", async ({ task }) => {
  const reader = await connectReader(site.app);
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/console/connections");
    await page.getByText("1 open WebSocket").waitFor();
    await page.locator("summary", { hasText: "ada" }).press("Enter");
    await page.getByLabel("Message").fill("Hello, Ada");
    const received = once(reader, "message");
    await page.getByRole("button", { name: "Send" }).click();
    expect(String((await received)[0])).toBe("Hello, Ada");
    const closed = once(reader, "close");
    await page.getByRole("button", { name: "Disconnect" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
    expect((await closed)[0]).toBe(1000);
    await page.getByText("Nobody is connected").waitFor();
  });
});

it("an event is begun from a rule's pattern, and says which rules it matched", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/console/buses");
    const bus = page.getByRole("region", { name: /EventsBus/ });
    await bus.locator("summary", { hasText: "OverdueRule" }).click();
    expect(await bus.getByRole("region", { name: /^Pattern of/ }).textContent()).toContain("overdue");
    await bus.getByRole("button", { name: "An event like this" }).click();
    expect(await bus.getByLabel("Detail type").inputValue()).toBe("overdue");
    await bus.getByLabel("Detail", { exact: true }).fill("no JSON");
    await bus.getByRole("button", { name: "Put the event" }).click();
    await bus.getByText("The detail is a JSON object.").waitFor();
    await bus.getByLabel("Detail", { exact: true }).fill('{"isbn":"1"}');
    await bus.getByRole("button", { name: "Put the event" }).click();
    await bus.getByText(/rules? matched: .*OverdueRule/).waitFor();
    await bus.getByRole("link", { name: "Its trace" }).click();
    await page
      .getByText(/OverdueRule/)
      .first()
      .waitFor();
  });
});

it("a user's code stands beside them, and confirms them", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/console/users");
    const user = page.getByRole("listitem").filter({ hasText: "george@example.com" });
    await user.getByText("unconfirmed").waitFor();
    const code = /code (\d{6})/.exec((await user.textContent()) ?? "")?.[1];
    const cognito = new CognitoIdentityProviderClient(clientSettings(site.app));
    const [client] = byType(site.app.cloud.graph, "aws:cognito/userPoolClient:UserPoolClient");
    const Username = "george@example.com";
    await cognito.send(new ConfirmSignUpCommand({ ClientId: client?.id, Username, ConfirmationCode: code }));
    cognito.destroy();
    await user.getByText("confirmed", { exact: true }).waitFor();
    expect(await user.textContent()).not.toContain(code);
    expect(await page.content()).not.toContain("Middlemarch-1871");
  });
});

it("a secret is nowhere in the page until it is asked for, and gone when hidden", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    const answers: string[] = [];
    page.on("response", async (response) => {
      if (response.url().endsWith("/secretsmanager/secrets")) answers.push(await response.text());
    });
    await open(page, "/console/secrets");
    await page.getByRole("button", { name: /^Reveal library\/local\/vault-key/ }).click();
    await page.getByText("sesame").waitFor();
    expect(answers.length).toBeGreaterThan(0);
    expect(answers.join()).not.toContain("sesame");
    await page.getByRole("button", { name: /^Hide/ }).click();
    await page.getByText("sesame").waitFor({ state: "hidden" });
    await page.getByRole("tab", { name: "Parameters" }).click();
    await page.getByText("9-17").waitFor();
  });
});

it("a metric is a line and a table, with the threshold that watches it", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/console/metrics?part=metrics");
    await page.getByLabel("Namespace").selectOption("Library");
    await page.getByRole("link", { name: "Loans" }).click();
    await page.getByRole("img", { name: /^Sum of Loans by minute/ }).waitFor();
    await page.getByText("threshold of many-loans").waitFor();
    await page.getByText("The same as a table").click();
    expect(
      await page
        .getByRole("table", { name: /By minute, in Count/ })
        .getByRole("row")
        .count(),
    ).toBe(25);
  });
});

it("an alarm is put in a state, and keeps its history", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/console/metrics");
    const alarm = page.getByRole("listitem").filter({ hasText: "many-loans" }).first();
    await alarm.locator("summary").click();
    await alarm.getByText("Loans Sum > 12 in 2 of 2 periods of 60 s").waitFor();
    await alarm.getByRole("button", { name: "in alarm" }).click();
    await alarm.getByText("Set at the console").first().waitFor();
    await page.getByText(/1 alarm, 1 raised/).waitFor();
    expect(await focusedIn(page)).toContain("many-loans");
  });
});

it("a refusal comes with the line that would allow it; grants are told apart by use", async ({ task }) => {
  await site.visit(task.name, {}, async (page) => {
    await open(page, "/console/permissions");
    const denied = page.getByRole("region", { name: "Denied" });
    await denied.getByText("sqs:ListQueues", { exact: true }).waitFor();
    const line = denied.getByRole("region", { name: /^The line that would allow sqs:ListQueues/ });
    expect(await line.textContent()).toBe('permissions: [{ actions: ["sqs:ListQueues"], resources: ["*"] }]');
    await page.getByLabel("Function or role").fill("giveback");
    await page.locator("summary", { hasText: "GiveBack" }).first().click();
    await page.getByText("never used", { exact: true }).first().waitFor();
  });
});
