import {
  SendBulkTemplatedEmailCommand,
  SendEmailCommand as SendEmailV1,
  SendRawEmailCommand,
} from "@aws-sdk/client-ses";
import {
  type BulkEmailEntry,
  CreateEmailTemplateCommand,
  PutAccountDetailsCommand,
  PutAccountSendingAttributesCommand,
  PutConfigurationSetSendingOptionsCommand,
  SendBulkEmailCommand,
  SendEmailCommand,
  type SendEmailCommandInput,
} from "@aws-sdk/client-sesv2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { REGION } from "./gateway-fixture.ts";
import { simple, startSes } from "./ses-fixture.ts";

type Started = Awaited<ReturnType<typeof startSes>>;
interface Shown {
  readonly to: string[];
  readonly destination: string[];
  readonly subject: string;
  readonly html?: string;
  readonly text?: string;
  readonly raw: string;
  readonly allHeaders: { name: string; value: string }[];
  readonly attachments: { name: string; type: string; content: string; inline: boolean }[];
  readonly tags: Record<string, string[]>;
}

let cloud: Started;
beforeEach(async () => {
  cloud = await startSes();
  await cloud.act("account", { rate: -1, quota: -1 });
});
afterEach(() => cloud.stop());

const send = async (to: string[], extra: Record<string, unknown> = {}) =>
  (await cloud.v2.send(new SendEmailCommand(simple(to, extra)))).MessageId ?? "";
const shown = (id: string) => cloud.view<Shown>("message", { id });
const many = (n: number) => Array.from({ length: n }, (_, i) => `reader${i}@anywhere.example`);
const content = (parts: Record<string, unknown>) => ({
  Content: { Simple: { Subject: { Data: "s" }, Body: { Text: { Data: "t" } }, ...parts } },
});
const rawMail = (lines: string[]) => ({ Content: { Raw: { Data: Buffer.from(lines.join("\r\n")) } } });

describe("a message", () => {
  it("has fifty recipients, To, Cc and Bcc together, and not one more", async () => {
    const to = many(50);
    const spread = {
      ToAddresses: to.slice(0, 20),
      CcAddresses: to.slice(20, 40),
      BccAddresses: to.slice(40),
    };
    const id = await send([], { Destination: spread });
    expect((await shown(id)).destination).toEqual(to);
    await expect(
      send([], { Destination: { ...spread, BccAddresses: [...to.slice(40), "x@y.example"] } }),
    ).rejects.toMatchObject({
      name: "BadRequestException",
      message: "Recipient count exceeds 50.",
    });
    const v1 = new SendEmailV1({
      Source: "desk@library.example",
      Destination: { ToAddresses: many(51) },
      Message: { Subject: { Data: "s" }, Body: { Text: { Data: "t" } } },
    });
    await expect(cloud.v1.send(v1)).rejects.toMatchObject({
      name: "InvalidParameterValue",
      message: "Recipient count exceeds 50.",
    });
    await expect(send([])).rejects.toThrow("There are no recipients specified.");
  });

  it("hides Bcc, and says the rest in every alphabet", async () => {
    const extra = {
      FromEmailAddress: "=?UTF-8?B?w5ZkaW4=?= <odin@library.example>",
      Destination: { ToAddresses: ["a@b.example"], BccAddresses: ["hidden@b.example"] },
      ReplyToAddresses: ["answers@b.example"],
      Content: {
        Simple: {
          Subject: { Data: "Bücher für Зоя 📚", Charset: "UTF-8" },
          Body: { Text: { Data: "Grüße" }, Html: { Data: "<p>Grüße</p>" } },
          Headers: [{ Name: "X-Shelf", Value: "4" }],
        },
      },
    };
    const { subject, text, html, raw, allHeaders } = await shown(await send([], extra));
    expect([subject, text?.trim(), html?.includes("<p>Grüße</p>")]).toEqual([
      "Bücher für Зоя 📚",
      "Grüße",
      true,
    ]);
    expect(raw).not.toContain("hidden@b.example");
    const header = (key: string) => allHeaders.find((h) => h.name.toLowerCase() === key)?.value;
    expect(header("from")).toContain("Ödin");
    expect([header("reply-to"), header("x-shelf")]).toEqual(["answers@b.example", "4"]);
    expect(header("message-id")).toMatch(new RegExp(`^<[0-9a-f-]+@${REGION}.amazonses.com>$`));
  });

  it("brings its attachments as they are, also two of the same name", async () => {
    const bytes = Buffer.from(Array.from({ length: 3_000 }, (_, i) => i % 256));
    const Attachments = [
      {
        FileName: "cover.png",
        RawContent: bytes,
        ContentType: "image/png",
        ContentDisposition: "INLINE",
        ContentId: "c1",
      },
      { FileName: "übersicht.txt", RawContent: Buffer.from("eins") },
      { FileName: "übersicht.txt", RawContent: Buffer.from("zwei") },
    ];
    const { attachments } = await shown(await send(["a@b.example"], content({ Attachments })));
    expect(attachments.map(({ name, inline }) => [name, inline])).toEqual([
      ["cover.png", true],
      ["übersicht.txt", false],
      ["übersicht.txt", false],
    ]);
    expect(Buffer.from(attachments[0]?.content ?? "", "base64").equals(bytes)).toBe(true);
    expect(attachments.slice(1).map((a) => Buffer.from(a.content, "base64").toString())).toEqual([
      "eins",
      "zwei",
    ]);
  });

  it("of 10 MB goes through v2 and not through v1", async () => {
    const big = Buffer.alloc(8 * 1024 * 1024, "a");
    await send(["a@b.example"], content({ Attachments: [{ FileName: "a.bin", RawContent: big }] }));
    const Data = Buffer.concat([
      Buffer.from("From: desk@library.example\r\nTo: a@b.example\r\n\r\n"),
      Buffer.alloc(10_485_760, "a\r\n"),
    ]);
    await expect(cloud.v1.send(new SendRawEmailCommand({ RawMessage: { Data } }))).rejects.toMatchObject({
      name: "InvalidParameterValue",
      message: expect.stringMatching(/^Message length is more than 10485760 bytes long: '\d+'\.$/),
    });
  });
});

describe("refused, in AWS's words:", () => {
  it.each<[string, Record<string, unknown>, string]>([
    [
      "a sender nobody verified",
      { FromEmailAddress: "Eve <eve@evil.example>" },
      `Email address is not verified. The following identities failed the check in region ${REGION.toUpperCase()}: Eve <eve@evil.example>`,
    ],
    [
      "a configuration set that is not there",
      { ConfigurationSetName: "nowhere" },
      "Configuration set <nowhere> does not exist.",
    ],
    [
      "a line break in an address",
      { Destination: { ToAddresses: ["a@b.example\r\nBcc: c@d.example"] } },
      "Local address contains control or whitespace",
    ],
    [
      "a line break in a subject",
      content({ Subject: { Data: "Hi\r\nBcc: c@d.example" } }),
      "Subject contains control characters.",
    ],
    [
      "a line break in a header",
      content({ Headers: [{ Name: "X-A", Value: "b\r\nBcc: c@d.example" }] }),
      "failed to satisfy constraint: Member must satisfy regular expression pattern: [ -~]*",
    ],
    [
      "a header that SES writes",
      content({ Headers: [{ Name: "Bcc", Value: "c@d.example" }] }),
      "Duplicate header 'Bcc'.",
    ],
    [
      "a local part in another alphabet",
      { Destination: { ToAddresses: ["ödin@b.example"] } },
      "There are non-ASCII characters in the email address.",
    ],
    [
      "a tag's name",
      { EmailTags: [{ Name: "a:b", Value: "c" }] },
      "Invalid tag name <a:b>: only alphanumeric ASCII characters, '_',  '-' are allowed.",
    ],
    [
      "a tag's value",
      { EmailTags: [{ Name: "a", Value: "b c" }] },
      "Invalid tag value <b c>: only alphanumeric ASCII characters, '_',  '-' , '.', '@' are allowed.",
    ],
    [
      "a long tag",
      { EmailTags: [{ Name: "a", Value: "b".repeat(256) }] },
      "Tag value cannot exceed 255 characters.",
    ],
    [
      "51 tags",
      { EmailTags: Array.from({ length: 51 }, (_, i) => ({ Name: `t${i}`, Value: "v" })) },
      "The number of tags exceeds the limit of 50.",
    ],
    [
      "a program as an attachment",
      content({ Attachments: [{ FileName: "a.exe", RawContent: Buffer.from("MZ") }] }),
      "Unsupported attachment type",
    ],
    [
      "a template that is not there",
      { Content: { Template: { TemplateName: "none", TemplateData: "{}" } } },
      "Template none does not exist.",
    ],
    [
      "template data that is no JSON",
      { Content: { Template: { TemplateContent: { Subject: "s", Text: "t" }, TemplateData: "{" } } },
      "The template data is invalid.",
    ],
    [
      "a raw message without a sender",
      { FromEmailAddress: undefined, ...rawMail(["To: a@b.example", "", "x"]) },
      "Missing required header 'From'.",
    ],
    [
      "a raw message without recipients",
      { Destination: undefined, ...rawMail(["From: desk@library.example", "", "x"]) },
      "Missing required header 'To'.",
    ],
    [
      "a raw message with two subjects",
      rawMail(["From: desk@library.example", "Subject: a", "Subject: b", "", "x"]),
      "Duplicate header 'Subject'.",
    ],
    [
      "a raw message with an empty header",
      rawMail(["From: desk@library.example", ": b", "", "x"]),
      "Empty header names are illegal.",
    ],
  ])("%s", async (_, extra, message) => {
    await expect(send(["a@b.example"], extra)).rejects.toThrow(message);
    expect(await cloud.view("messages")).toEqual({ messages: [] });
  });
});

describe("a raw message", () => {
  const mime = (extra: string[] = []) =>
    Buffer.from(
      [
        "From: Library <desk@library.example>",
        "To: =?UTF-8?Q?Z=C3=B6e?= <zoe@b.example>",
        "Bcc: hidden@b.example",
        "Subject: =?UTF-8?Q?F=C3=A4llig?=",
        "Date: Mon, 1 Jan 2001 00:00:00 +0000",
        "Message-ID: <mine@library.example>",
        ...extra,
        "MIME-Version: 1.0",
        'Content-Type: multipart/mixed; boundary="edge"',
        "",
        "--edge",
        "Content-Type: text/html; charset=iso-8859-1",
        "Content-Transfer-Encoding: quoted-printable",
        "",
        '<a href=3D"https://books.example/">f=E4llig</a>',
        "--edge",
        'Content-Type: application/octet-stream; name="a.bin"',
        'Content-Disposition: attachment; filename="a.bin"',
        "Content-Transfer-Encoding: base64",
        "",
        "AAECAwT/",
        "--edge--",
        "",
      ].join("\r\n"),
    );

  it("arrives as it was written, without Bcc and with SES's own Date and Message-ID", async () => {
    const headers = ["X-SES-CONFIGURATION-SET: all", "X-SES-MESSAGE-TAGS: shelf=4, kind=late"];
    const { MessageId = "" } = await cloud.v1.send(
      new SendRawEmailCommand({ RawMessage: { Data: mime(headers) } }),
    );
    const { html, attachments, raw, destination, subject, tags } = await shown(MessageId);
    expect(destination).toEqual(["zoe@b.example", "hidden@b.example"]);
    expect([subject, tags.shelf, tags.kind, tags["ses:configuration-set"]]).toEqual([
      "Fällig",
      ["4"],
      ["late"],
      ["all"],
    ]);
    expect(html).toContain("fällig");
    expect(html).toContain("/_aws/ses/click/");
    expect(Buffer.from(attachments[0]?.content ?? "", "base64")).toEqual(Buffer.from([0, 1, 2, 3, 4, 255]));
    for (const gone of ["hidden@", "X-SES-", "2001", "<mine@"]) expect(raw).not.toContain(gone);
    expect(raw).toContain(`Message-ID: <${MessageId}@`);
    expect(raw).toContain("--edge\r\nContent-Type: text/html; charset=iso-8859-1\r\n");
    const { mail } = await cloud.event(MessageId, "Delivery");
    expect(mail.tags.shelf).toEqual(["4"]);
  });

  it("goes to the destinations of the call where it names some", async () => {
    const Destination = { ToAddresses: ["other@b.example"] };
    const id = await send([], {
      Destination,
      Content: { Raw: { Data: mime() } },
      FromEmailAddress: undefined,
    });
    expect((await shown(id)).destination).toEqual(["other@b.example"]);
  });

  it("of a sender who writes as somebody else is refused", async () => {
    const forged = Buffer.from(
      mime().toString().replace("desk@library.example>", "desk@library.example>, eve@evil.example"),
    );
    await expect(send([], { Content: { Raw: { Data: forged } } })).rejects.toThrow("eve@evil.example");
  });
});

describe("bulk", () => {
  const template = {
    Subject: "{{title}} is due",
    Html: "<ul>{{#each loans}}<li>{{title}}</li>{{else}}none{{/each}}</ul>",
    Text: "Dear {{name}}",
  };
  const entry = (to: string, data?: unknown, extra: Record<string, unknown> = {}) => ({
    Destination: { ToAddresses: [to] },
    ...(data
      ? {
          ReplacementEmailContent: { ReplacementTemplate: { ReplacementTemplateData: JSON.stringify(data) } },
        }
      : {}),
    ...extra,
  });
  const bulk = (
    entries: BulkEmailEntry[],
    Template: object = { TemplateName: "due", TemplateData: '{"title":"Books","name":"reader"}' },
  ) =>
    cloud.v2.send(
      new SendBulkEmailCommand({
        FromEmailAddress: "desk@library.example",
        ConfigurationSetName: "all",
        DefaultEmailTags: [{ Name: "kind", Value: "late" }],
        DefaultContent: { Template },
        BulkEmailEntries: entries,
      }),
    );
  beforeEach(() =>
    cloud.v2.send(new CreateEmailTemplateCommand({ TemplateName: "due", TemplateContent: template })),
  );

  it("renders each of its messages with its own data, tags and headers", async () => {
    const loans = [{ title: "Emma" }, { title: "Ulysses" }];
    const { BulkEmailEntryResults: results = [] } = await bulk([
      entry(
        "a@b.example",
        { title: "Two books", name: "Anaya", loans },
        { ReplacementTags: [{ Name: "kind", Value: "very-late" }] },
      ),
      entry("c@d.example", undefined, {
        ReplacementHeaders: [{ Name: "List-Unsubscribe", Value: "<https://x.example/u>" }],
      }),
    ]);
    expect(results.map(({ Status }) => Status)).toEqual(["SUCCESS", "SUCCESS"]);
    const [first, second] = [
      await shown(results[0]?.MessageId ?? ""),
      await shown(results[1]?.MessageId ?? ""),
    ];
    expect([first.subject, first.text?.trim(), first.tags.kind]).toEqual([
      "Two books is due",
      "Dear Anaya",
      ["very-late"],
    ]);
    expect(first.html).toContain("<li>Emma</li><li>Ulysses</li>");
    expect([second.subject, second.tags.kind]).toEqual(["Books is due", ["late"]]);
    expect(second.allHeaders.find((h) => h.name === "List-Unsubscribe")?.value).toBe("<https://x.example/u>");
  });

  it("tells of each message by itself: sent, refused, or failed to render later", async () => {
    const { BulkEmailEntryResults: results = [] } = await bulk(
      [
        entry("a@b.example", { name: "A" }),
        entry("not an address", { name: "B" }),
        entry("c@d.example"),
        entry("e@f.example", { name: "C" }, { ReplacementTags: [{ Name: "a b", Value: "c" }] }),
      ],
      { TemplateName: "due", TemplateData: '{"title":"Books"}' },
    );
    expect(results.map(({ Status, Error: why }) => [Status, why])).toEqual([
      ["SUCCESS", undefined],
      ["INVALID_PARAMETER", "Missing final '@domain'"],
      ["SUCCESS", undefined],
      ["INVALID_PARAMETER", expect.stringContaining("Invalid tag name <a b>")],
    ]);
    const failure = await cloud.event(results[2]?.MessageId, "Rendering Failure");
    expect(failure.failure).toEqual({
      errorMessage: "Attribute 'name' is not present in the rendering data.",
      templateName: "due",
    });
  });

  it("takes fifty, and tells v1 in v1's words", async () => {
    const fifty = many(50).map((to) => entry(to));
    expect((await bulk(fifty)).BulkEmailEntryResults?.every(({ Status }) => Status === "SUCCESS")).toBe(true);
    await expect(bulk([...fifty, entry("x@y.example")])).rejects.toThrow("exceeds the limit of 50");
    const { Status } = await cloud.v1.send(
      new SendBulkTemplatedEmailCommand({
        Source: "desk@library.example",
        Template: "due",
        DefaultTemplateData: '{"title":"Books","name":"reader"}',
        Destinations: [
          { Destination: { ToAddresses: ["a@b.example"] }, ReplacementTemplateData: '{"name":"A"}' },
          { Destination: { ToAddresses: ["@"] } },
        ],
      }),
    );
    expect(Status?.map((s) => s.Status)).toEqual(["Success", "InvalidParameterValue"]);
  });

  it("with a template of its own needs none that is stored", async () => {
    const { BulkEmailEntryResults: [result] = [] } = await bulk([entry("a@b.example")], {
      TemplateContent: { Subject: "Hi", Text: "there" },
      TemplateData: "{}",
    });
    expect((await shown(result?.MessageId ?? "")).text?.trim()).toBe("there");
  });
});

describe("an account", () => {
  const refusal = (input: Partial<SendEmailCommandInput> = {}) =>
    send(["a@b.example"], input).catch((error: Error & { $metadata?: { httpStatusCode?: number } }) => ({
      name: error.name,
      status: error.$metadata?.httpStatusCode,
      message: error.message,
    }));

  it("sends at its rate: a call that finds allowance is taken whole, and puts the next ones off", async () => {
    await cloud.act("account", { rate: 2 });
    cloud.clock.advance(5_000);
    await send(many(5));
    expect(await refusal()).toEqual({
      name: "TooManyRequestsException",
      status: 429,
      message: "Maximum sending rate exceeded.",
    });
    cloud.clock.advance(2_000);
    await send(["a@b.example"]);
  });

  it("sends no more than its quota in 24 hours", async () => {
    await cloud.act("account", { quota: 3 });
    await send(many(3));
    expect(await refusal()).toMatchObject({ status: 429, message: "Daily message quota exceeded." });
    const day = 24 * 3_600_000 + 60_000;
    cloud.clock.advance(day);
    cloud.v2.config.systemClockOffset = day; // the caller's clock goes on, too
    await send(["a@b.example"]);
  });

  it("throttles entries of a bulk call one by one", async () => {
    await cloud.act("account", { rate: 2 });
    cloud.clock.advance(5_000);
    const content = { Template: { TemplateContent: { Subject: "s", Text: "t" }, TemplateData: "{}" } };
    const { BulkEmailEntryResults: results } = await cloud.v2.send(
      new SendBulkEmailCommand({
        FromEmailAddress: "desk@library.example",
        DefaultContent: content,
        BulkEmailEntries: many(4).map((to) => ({ Destination: { ToAddresses: [to] } })),
      }),
    );
    expect(results?.map(({ Status }) => Status)).toEqual([
      "SUCCESS",
      "SUCCESS",
      "ACCOUNT_THROTTLED",
      "ACCOUNT_THROTTLED",
    ]);
  });

  it("in the sandbox writes to verified people and the simulator alone", async () => {
    await cloud.v2.send(
      new PutAccountDetailsCommand({
        MailType: "TRANSACTIONAL",
        WebsiteURL: "https://x.example",
        ProductionAccessEnabled: false,
      }),
    );
    await cloud.act("account", { rate: -1 });
    expect(await refusal()).toMatchObject({
      name: "MessageRejected",
      message: expect.stringContaining("EU-CENTRAL-1: a@b.example"),
    });
    await send(["desk@other.example", "success@simulator.amazonses.com"]);
  });

  it("that is paused sends nothing, nor does a configuration set that is", async () => {
    await cloud.v2.send(
      new PutConfigurationSetSendingOptionsCommand({ ConfigurationSetName: "all", SendingEnabled: false }),
    );
    expect(await refusal()).toMatchObject({ name: "SendingPausedException" });
    await send(["a@b.example"], { ConfigurationSetName: "quiet" });
    await cloud.v2.send(new PutAccountSendingAttributesCommand({ SendingEnabled: false }));
    expect(await refusal({ ConfigurationSetName: "quiet" })).toMatchObject({
      name: "SendingPausedException",
    });
  });
});
