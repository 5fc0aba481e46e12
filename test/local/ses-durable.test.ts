import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Sha256 } from "@aws-crypto/sha256-js";
import { CreateEmailTemplateCommand, GetEmailTemplateCommand, SendEmailCommand } from "@aws-sdk/client-sesv2";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { REGION, until } from "./gateway-fixture.ts";
import { mailResources, simple, startSes } from "./ses-fixture.ts";

interface Brief {
  readonly messages: { id: string; subject: string; status: string }[];
}

describe("kept mail", () => {
  let dataDir: string;
  beforeEach(() => {
    dataDir = mkdtempSync(join(tmpdir(), "ses-"));
  });
  afterEach(() => rmSync(dataDir, { recursive: true }));

  it("is there after a restart, with settings, and with what is still to become of it", async () => {
    const first = await startSes({ dataDir });
    const { MessageId: id = "" } = await first.v2.send(
      new SendEmailCommand(simple(["delay@simulator.amazonses.com", "gone@nowhere.invalid"])),
    );
    await first.v2.send(
      new CreateEmailTemplateCommand({ TemplateName: "t", TemplateContent: { Subject: "s" } }),
    );
    await first.event(id, "DeliveryDelay");
    await first.event(id, "Bounce");
    await first.stop();

    const second = await startSes({ dataDir });
    expect(await second.view<Brief>("messages")).toMatchObject({ messages: [{ id, subject: "Due" }] });
    const { text, events } = await second.view<{ text: string; events: { type: string }[] }>("message", {
      id,
    });
    expect([text.trim(), events.map((e) => e.type)]).toEqual([
      "Your book is due.",
      ["Send", "DeliveryDelay", "Bounce"],
    ]);
    expect(await second.view("suppression")).toMatchObject({
      addresses: [{ address: "gone@nowhere.invalid" }],
    });
    await second.v2.send(new GetEmailTemplateCommand({ TemplateName: "t" }));
    second.clock.advance(60_000);
    await second.event(id, "Delivery");
    await second.act("clear");
    await second.stop();

    const third = await startSes({ dataDir });
    expect(await third.view("messages")).toEqual({ messages: [] });
    await third.stop();
  });

  it("tells its events once their target takes them again", async () => {
    const cloud = await startSes({ dataDir });
    const on = { service: "sns", operation: "Deliver" };
    cloud.cloud.faults.add({ id: "down", on, when: { times: 2 }, fault: { kind: "throttle" } });
    const { MessageId: id } = await cloud.v2.send(
      new SendEmailCommand(simple(["bounce@simulator.amazonses.com"])),
    );
    await until(() => cloud.cloud.faults.log().length === 2);
    cloud.clock.advance(2_000);
    await Promise.all([cloud.event(id, "Send"), cloud.event(id, "Bounce")]);
    await cloud.stop();
  });

  it("hands over after a restart what no target took before it", async () => {
    const first = await startSes({ dataDir });
    first.cloud.faults.add({
      id: "down",
      on: { service: "sns", operation: "Deliver" },
      fault: { kind: "throttle" },
    });
    const { MessageId: id } = await first.v2.send(
      new SendEmailCommand(simple(["bounce@simulator.amazonses.com"])),
    );
    await until(() => first.cloud.faults.log().length >= 2);
    await first.stop();
    const second = await startSes({ dataDir });
    await Promise.all([second.event(id, "Send"), second.event(id, "Bounce")]);
    await second.stop();
  });

  it("says of events whose topic is gone that they are lost", async () => {
    const gone = mailResources.filter(
      ({ inputs }) => inputs.name !== "mail-events" && inputs.topic === undefined,
    );
    const cloud = await startSes({ dataDir, resources: gone });
    await cloud.v2.send(new SendEmailCommand(simple(["success@simulator.amazonses.com"])));
    await until(() => cloud.printed.find((line) => line.includes("email event dropped")));
    await cloud.stop();
  });

  it("that is damaged stops the start by its name", async () => {
    const cloud = await startSes({ dataDir });
    await cloud.v2.send(new SendEmailCommand(simple(["success@simulator.amazonses.com"])));
    await cloud.stop();
    writeFileSync(join(dataDir, "ses", "settings.json"), "{half");
    await expect(startSes({ dataDir })).rejects.toThrow("settings.json is damaged");
  });

  it("is bounded: the oldest goes first", async () => {
    const cloud = await startSes();
    await cloud.act("account", { rate: -1, quota: -1 });
    const big = {
      Content: { Simple: { Subject: { Data: "big" }, Body: { Text: { Data: "x".repeat(9_000_000) } } } },
    };
    for (let i = 0; i < 9; i++)
      await cloud.v2.send(new SendEmailCommand(simple(["success@simulator.amazonses.com"], big)));
    const { messages } = await cloud.view<Brief>("messages");
    expect(messages.length).toBe(7);
    await cloud.stop();
  });
});

describe("hostile input", () => {
  const signed = async (
    cloud: Awaited<ReturnType<typeof startSes>>,
    path: string,
    body: string,
    type: string,
  ) => {
    const { developer } = cloud.cloud.credentials;
    const url = new URL(cloud.cloud.endpoint);
    const signer = new SignatureV4({
      service: "ses",
      region: REGION,
      credentials: developer,
      sha256: Sha256,
    });
    const request = await signer.sign({
      method: "POST",
      protocol: "http:",
      hostname: url.hostname,
      port: Number(url.port),
      path,
      headers: { host: url.host, "content-type": type },
      body,
    });
    const answer = await fetch(`${cloud.cloud.endpoint}${path}`, {
      method: "POST",
      headers: request.headers,
      body,
    });
    return { status: answer.status, text: await answer.text() };
  };

  it("is refused and never more than that, whatever a call holds", async () => {
    const cloud = await startSes();
    await cloud.act("account", { rate: -1, quota: -1 });
    const paths = [
      "outbound-emails",
      "outbound-bulk-emails",
      "templates",
      "identities",
      "configuration-sets",
      "configuration-sets/all/event-destinations",
      "contact-lists",
      "contact-lists/x/contacts/list",
      "list-identities",
      "account/details",
    ];
    const shaped = fc.record({
      FromEmailAddress: fc.oneof(fc.constant("desk@library.example"), fc.jsonValue()),
      Destination: fc.oneof(
        fc.record({ ToAddresses: fc.array(fc.oneof(fc.emailAddress(), fc.string())) }),
        fc.jsonValue(),
      ),
      Content: fc.oneof(
        fc.record({ Raw: fc.record({ Data: fc.base64String() }) }),
        fc.record({
          Simple: fc.record({
            Subject: fc.jsonValue(),
            Body: fc.jsonValue(),
            Headers: fc.jsonValue(),
            Attachments: fc.jsonValue(),
          }),
        }),
        fc.record({
          Template: fc.record({
            TemplateContent: fc.record({ Subject: fc.string(), Html: fc.string() }),
            TemplateData: fc.json(),
          }),
        }),
        fc.jsonValue(),
      ),
      EmailTags: fc.jsonValue(),
      ListManagementOptions: fc.jsonValue(),
    });
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...paths), fc.oneof(shaped, fc.jsonValue()), async (path, input) => {
        const { status, text } = await signed(
          cloud,
          `/v2/email/${path}`,
          JSON.stringify(input),
          "application/json",
        );
        expect(status, text).toBeLessThan(500);
      }),
      { numRuns: 300 },
    );
    const words = fc.constantFrom(
      "Action",
      "SendEmail",
      "SendRawEmail",
      "CreateTemplate",
      "Source",
      "Destination.ToAddresses.member.1",
      "RawMessage.Data",
      "Template.TemplateName",
      "Message.Subject.Data",
      "__proto__",
      "a@b.example",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(
          "SendEmail",
          "SendRawEmail",
          "SendTemplatedEmail",
          "SendBulkTemplatedEmail",
          "CreateTemplate",
          "SetIdentityNotificationTopic",
          "CreateConfigurationSetEventDestination",
        ),
        fc.array(fc.tuple(words, fc.oneof(words, fc.string()))),
        async (action, pairs) => {
          const form = new URLSearchParams([
            ["Action", action],
            ...pairs.filter(([name]) => name !== "Action"),
          ]);
          const { status, text } = await signed(
            cloud,
            "/",
            form.toString(),
            "application/x-www-form-urlencoded",
          );
          expect(status, text).toBeLessThan(500);
        },
      ),
      { numRuns: 200 },
    );
    await cloud.v2.send(new SendEmailCommand(simple(["success@simulator.amazonses.com"])));
    expect(cloud.printed.filter((line) => line.includes("failed"))).toEqual([]);
    await cloud.stop();
  });

  it("that nests without end, or would keep this machine busy, is refused soon, and spoils nothing", async () => {
    const cloud = await startSes();
    await cloud.act("account", { rate: -1, quota: -1 });
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    const template = (TemplateContent: object, TemplateData = "{}") =>
      JSON.stringify({
        ...simple(["a@b.example"]),
        Content: { Template: { TemplateContent, TemplateData } },
      });
    const calls: [path: string, body: string][] = [
      ["outbound-emails", template({ Subject: "s", Text: "{{x}}" }, `{"x":${deep}}`)],
      ["outbound-emails", template({ Subject: "s", Text: "{{#a}}".repeat(80_000) })],
      ["outbound-emails", template({ Subject: "s", Text: "x".repeat(600_000) })],
      ["outbound-emails", JSON.stringify(simple([`${" ".repeat(1_000_000)}a`]))],
      ["configuration-sets", `{"ConfigurationSetName":"deep","VdmOptions":{"x":${deep}}}`],
    ];
    for (const [path, body] of calls) {
      const began = performance.now();
      const { status } = await signed(cloud, `/v2/email/${path}`, body, "application/json");
      expect([path, status]).toEqual([path, 400]);
      expect(performance.now() - began).toBeLessThan(5_000);
    }
    const odd = template({ Subject: "s", Text: "{{x}}" }, '{"x":{"toString":1,"valueOf":2}}');
    expect((await signed(cloud, "/v2/email/outbound-emails", odd, "application/json")).status).toBe(200);
    await cloud.stop();
  });

  it("in a raw message is kept and shown as far as it can be read", async () => {
    const cloud = await startSes();
    await cloud.act("account", { rate: -1, quota: -1 });
    const head = "From: desk@library.example\r\nTo: a@b.example\r\n";
    const nested = Array.from(
      { length: 400 },
      (_, i) => `Content-Type: multipart/mixed; boundary=b${i}\r\n\r\n--b${i}\r\n`,
    ).join("");
    const bodies = [
      nested,
      "Content-Type: text/html; charset=none\r\n\r\n\xff\xfe<a href=",
      "\r\n".repeat(10_000),
      "\r\n\0\0\0",
      "Content-Transfer-Encoding: base64\r\n\r\n!!!",
    ];
    for (const body of bodies) {
      const Data = Buffer.from(head + body, "latin1");
      const { MessageId: id = "" } = await cloud.v2.send(
        new SendEmailCommand(simple([], { Destination: undefined, Content: { Raw: { Data } } })),
      );
      expect(await cloud.view("message", { id })).toMatchObject({
        id,
        raw: expect.stringContaining("a@b.example"),
      });
    }
    await cloud.stop();
  });
});
