import { CreateTemplateCommand, SendEmailCommand, SendTemplatedEmailCommand } from "@aws-sdk/client-ses";
import { SESv2Client, SendEmailCommand as SendEmail } from "@aws-sdk/client-sesv2";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ACCOUNT, clientConfig, REGION, until } from "./gateway-fixture.ts";
import { simple, startSes, TOPIC } from "./ses-fixture.ts";

type Started = Awaited<ReturnType<typeof startSes>>;
let cloud: Started;
beforeAll(async () => {
  cloud = await startSes();
  await cloud.act("account", { rate: -1, quota: -1 });
});
afterAll(() => cloud.stop());

const send = async (to: string, extra: Record<string, unknown> = {}) =>
  (await cloud.v2.send(new SendEmail(simple([to], extra)))).MessageId;
const iso = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
const feedbackId = expect.stringMatching(/^[0-9a-f]{16}-[0-9a-f-]{36}-000000$/);

describe("a configuration set tells", () => {
  it("that a message was sent, in the published shape", async () => {
    const tags = [{ Name: "campaign", Value: "autumn" }];
    const id = await send("success+send@simulator.amazonses.com", { EmailTags: tags });
    expect(await cloud.event(id, "Send")).toEqual({
      eventType: "Send",
      mail: {
        timestamp: iso,
        source: "Library <desk@library.example>",
        sourceArn: `arn:aws:ses:${REGION}:${ACCOUNT}:identity/library.example`,
        sendingAccountId: ACCOUNT,
        messageId: id,
        destination: ["success+send@simulator.amazonses.com"],
        headersTruncated: false,
        headers: [
          { name: "From", value: "Library <desk@library.example>" },
          { name: "To", value: "success+send@simulator.amazonses.com" },
          { name: "Subject", value: "Due" },
          { name: "MIME-Version", value: "1.0" },
          { name: "Content-Type", value: "text/plain; charset=utf-8" },
          { name: "Content-Transfer-Encoding", value: "7bit" },
        ],
        commonHeaders: {
          from: ["Library <desk@library.example>"],
          to: ["success+send@simulator.amazonses.com"],
          messageId: id,
          subject: "Due",
        },
        tags: {
          "ses:operation": ["SendEmail"],
          "ses:configuration-set": ["all"],
          "ses:source-ip": ["127.0.0.1"],
          "ses:from-domain": ["library.example"],
          "ses:caller-identity": ["developer"],
          campaign: ["autumn"],
        },
      },
      send: {},
    });
    expect(cloud.metrics).toContainEqual(
      expect.objectContaining({ name: "Send", dimensions: { campaign: "autumn" }, value: 1 }),
    );
  });

  it("that it was delivered", async () => {
    const id = await send("reader@anywhere.example");
    const { delivery, mail } = await cloud.event(id, "Delivery");
    expect(delivery).toEqual({
      timestamp: iso,
      processingTimeMillis: expect.any(Number),
      recipients: ["reader@anywhere.example"],
      smtpResponse: "250 2.6.0 Message received",
      reportingMTA: expect.stringContaining("smtp-out.amazonses.com"),
    });
    expect(mail.tags["ses:outgoing-ip"]).toEqual(["127.0.0.1"]);
  });

  it.each([
    ["bounce", "Permanent", "General", "5.1.1", "smtp; 550 5.1.1 user unknown"],
    [
      "suppressionlist",
      "Permanent",
      "Suppressed",
      "5.1.1",
      expect.stringContaining("recent history of bouncing"),
    ],
    ["softbounce+x", "Transient", "MailboxFull", "4.2.2", "smtp; 452 4.2.2 Mailbox full"],
  ])("that a message to %s@ bounced", async (local, bounceType, bounceSubType, status, diagnosticCode) => {
    const emailAddress = `${local}@simulator.amazonses.com`;
    const { bounce } = await cloud.event(await send(emailAddress), "Bounce");
    expect(bounce).toEqual({
      bounceType,
      bounceSubType,
      bouncedRecipients: [{ emailAddress, action: "failed", status, diagnosticCode }],
      timestamp: iso,
      feedbackId,
      reportingMTA: expect.stringMatching(/^dns; /),
    });
  });

  it("that its reader complained, once it was delivered", async () => {
    const id = await send("complaint+label@simulator.amazonses.com");
    const { complaint } = await cloud.event(id, "Complaint");
    expect(complaint).toEqual({
      complainedRecipients: [{ emailAddress: "complaint+label@simulator.amazonses.com" }],
      timestamp: iso,
      feedbackId,
      complaintSubType: null,
      userAgent: "Amazon SES Mailbox Simulator",
      complaintFeedbackType: "abuse",
      arrivalDate: iso,
    });
    const types = cloud
      .records()
      .filter((r) => r.mail.messageId === id)
      .map((r) => r.eventType);
    expect(types).toEqual(["Send", "Delivery", "Complaint"]);
  });

  it("that it is delayed, and that it arrived a minute later", async () => {
    const id = await send("delay@simulator.amazonses.com");
    const { deliveryDelay, mail } = await cloud.event(id, "DeliveryDelay");
    expect(deliveryDelay).toEqual({
      timestamp: iso,
      delayType: "TransientCommunicationFailure",
      expirationTime: iso,
      delayedRecipients: [
        {
          emailAddress: "delay@simulator.amazonses.com",
          status: "4.4.1",
          diagnosticCode: "smtp; 421 4.4.1 Unable to connect to remote host",
        },
      ],
    });
    expect(mail).not.toHaveProperty("headers");
    cloud.clock.advance(60_000);
    await cloud.event(id, "Delivery");
  });

  it("that it was rejected for a virus, and delivers it to no one", async () => {
    const virus = `X5O!P%@AP[4\\PZX54(P^)7CC)7}$${"EICAR"}-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*`;
    const content = (body: object) => ({ Content: { Simple: { Subject: { Data: "x" }, ...body } } });
    const attached = content({
      Body: { Text: { Data: "x" } },
      Attachments: [{ FileName: "a.txt", RawContent: Buffer.from(virus) }],
    });
    for (const extra of [content({ Body: { Text: { Data: virus } } }), attached]) {
      const id = await send("reader@anywhere.example", extra);
      const { reject } = await cloud.event(id, "Reject");
      expect(reject).toEqual({ reason: "Bad content" });
      cloud.clock.advance(5_000);
      expect(cloud.records().some((r) => r.mail.messageId === id && r.eventType === "Delivery")).toBe(false);
    }
  });

  it("that a template could not be rendered, though the call succeeded", async () => {
    const Template = { TemplateName: "due", SubjectPart: "{{title}} is due", TextPart: "Dear {{name}}" };
    await cloud.v1.send(new CreateTemplateCommand({ Template }));
    const { MessageId: id } = await cloud.v1.send(
      new SendTemplatedEmailCommand({
        Source: "desk@library.example",
        Destination: { ToAddresses: ["reader@anywhere.example"] },
        Template: "due",
        TemplateData: JSON.stringify({ title: "Emma", name: null }),
        ConfigurationSetName: "all",
      }),
    );
    const record = await cloud.event(id, "Rendering Failure");
    expect(record.failure).toEqual({
      errorMessage: "Attribute 'name' is not present in the rendering data.",
      templateName: "due",
    });
    expect(Object.keys(record.mail).sort()).toEqual([
      "destination",
      "headersTruncated",
      "messageId",
      "sendingAccountId",
      "source",
      "sourceArn",
      "tags",
      "timestamp",
    ]);
    const sent = await cloud.event(id, "Send");
    expect(sent.mail).not.toHaveProperty("sourceArn");
    expect(sent.mail.commonHeaders).not.toHaveProperty("subject");
  });

  it("the default bus too, by the names EventBridge has for them", async () => {
    const id = await send("bounce+bus@simulator.amazonses.com");
    const event = await until(() =>
      cloud.bus().find((e) => e["detail-type"] === "Email Bounced" && e.detail.mail.messageId === id),
    );
    expect(event).toEqual({
      version: "0",
      id: expect.any(String),
      "detail-type": "Email Bounced",
      source: "aws.ses",
      account: ACCOUNT,
      time: expect.stringMatching(/Z$/),
      region: REGION,
      resources: [`arn:aws:ses:${REGION}:${ACCOUNT}:configuration-set/all`],
      detail: await cloud.event(id, "Bounce"),
    });
  });

  it("nothing where it has no destination, or a message names none", async () => {
    const before = cloud.records().length;
    const quiet = await send("success@simulator.amazonses.com", { ConfigurationSetName: "quiet" });
    const none = await send("success@simulator.amazonses.com", { ConfigurationSetName: undefined });
    for (const id of [quiet, none])
      await until(async () => (await message(id)).events.some((e) => e.type === "Delivery"));
    expect(
      cloud
        .records()
        .slice(before)
        .filter((r) => [quiet, none].includes(r.mail.messageId)),
    ).toEqual([]);
  });
});

const message = (id = "") => cloud.view<{ events: { type: string }[]; html?: string }>("message", { id });

describe("readers", () => {
  const html =
    '<html><body><a href="https://books.example/?a=1&amp;b=2" ses:tags="kind:cover">Emma</a></body></html>';
  const content = { Content: { Simple: { Subject: { Data: "New" }, Body: { Html: { Data: html } } } } };

  it("who open a message and follow its link are told of", async () => {
    const id = await send("reader@anywhere.example", content);
    const shown = (await message(id)).html ?? "";
    const [pixel, link] = [/src="([^"]+)"/.exec(shown)?.[1] ?? "", /href="([^"]+)"/.exec(shown)?.[1] ?? ""];
    const picture = await fetch(pixel, { headers: { "user-agent": "Reader/1" } });
    expect([picture.status, picture.headers.get("content-type")]).toEqual([200, "image/gif"]);
    const followed = await fetch(link, { redirect: "manual", headers: { "user-agent": "Reader/1" } });
    expect([followed.status, followed.headers.get("location")]).toEqual([
      302,
      "https://books.example/?a=1&b=2",
    ]);
    const by = { timestamp: iso, ipAddress: "127.0.0.1", userAgent: "Reader/1" };
    expect((await cloud.event(id, "Open")).open).toEqual(by);
    const linkTags = { kind: ["cover"] };
    expect((await cloud.event(id, "Click")).click).toEqual({
      ...by,
      link: "https://books.example/?a=1&b=2",
      linkTags,
    });
  });

  it("who are simulated open and click by themselves", async () => {
    const id = await send("click+me@simulator.amazonses.com", content);
    expect((await cloud.event(id, "Click")).click).toMatchObject({ link: "https://books.example/?a=1&b=2" });
    await cloud.event(id, "Open");
  });

  it("are not tracked without a configuration set that asks for it", async () => {
    const id = await send("reader@anywhere.example", { ...content, ConfigurationSetName: "quiet" });
    expect((await message(id)).html).toContain(html);
  });

  it("follow no link that no message named", async () => {
    for (const path of ["click/x.y", "open/", "click/e30.AAAA", "unsubscribe/../../v2/email/account"])
      expect(
        (await fetch(`${cloud.cloud.endpoint}/_aws/ses/${path}`, { redirect: "manual" })).status,
      ).toBeGreaterThan(399);
  });
});

describe("an identity's own topic", () => {
  const Source = "desk+label@other.example";
  const Message = { Subject: { Data: "s" }, Body: { Text: { Data: "b" } } };
  const told = (id: string | undefined) =>
    until(() => cloud.records("feedback").find((r) => r.mail.messageId === id));

  it("is told of bounces, with the original headers where it asks for them", async () => {
    const { MessageId } = await cloud.v1.send(
      new SendEmailCommand({
        Source,
        Destination: { ToAddresses: ["bounce@simulator.amazonses.com"] },
        Message,
      }),
    );
    expect(await told(MessageId)).toEqual({
      notificationType: "Bounce",
      bounce: expect.objectContaining({ bounceType: "Permanent", remoteMtaIp: "127.0.0.1" }),
      mail: expect.objectContaining({
        sourceIp: "127.0.0.1",
        callerIdentity: "developer",
        sourceArn: `arn:aws:ses:${REGION}:${ACCOUNT}:identity/desk@other.example`,
        headersTruncated: false,
        commonHeaders: expect.objectContaining({ subject: "s" }),
      }),
    });
  });

  it("is told of deliveries, without headers or tags where it does not", async () => {
    const { MessageId } = await cloud.v1.send(
      new SendEmailCommand({
        Source,
        Destination: { ToAddresses: ["success@simulator.amazonses.com"] },
        Message,
      }),
    );
    const record = await told(MessageId);
    expect(record.notificationType).toBe("Delivery");
    expect(Object.keys(record.mail)).not.toEqual(expect.arrayContaining(["headers"]));
    expect(record.mail).not.toHaveProperty("tags");
  });
});

it("events carry the trace of the call, and light up the identity that sent", async () => {
  const client = new SESv2Client(clientConfig(cloud));
  client.middlewareStack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers["x-amzn-trace-id"] = TRACE;
      return next(args);
    },
    { step: "build" },
  );
  const { MessageId } = await client.send(new SendEmail(simple(["bounce+trace@simulator.amazonses.com"])));
  await cloud.event(MessageId, "Bounce");
  const spans = cloud.cloud.recorder.recent().filter((span) => TRACE.includes(span.traceId));
  expect(spans.find((span) => span.kind === "aws")).toMatchObject({
    name: "ses:SendEmail",
    node: `arn:aws:ses:${REGION}:${ACCOUNT}:identity/library.example`,
  });
  const told = spans.filter((span) => span.kind === "deliver" && span.node === TOPIC);
  expect(told.length).toBeGreaterThanOrEqual(2);
});

const TRACE = "Root=1-5f84c7a5-aaaaaaaaaaaaaaaaaaaaaaaa;Parent=53995c3f42cd8ad8;Sampled=1";
