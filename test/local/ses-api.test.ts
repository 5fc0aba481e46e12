import * as V1 from "@aws-sdk/client-ses";
import * as V2 from "@aws-sdk/client-sesv2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ACCOUNT, REGION, until } from "./gateway-fixture.ts";
import { BUS, simple, startSes, TOPIC } from "./ses-fixture.ts";

type Started = Awaited<ReturnType<typeof startSes>>;
let cloud: Started;
beforeEach(async () => {
  cloud = await startSes();
  await cloud.act("account", { rate: -1, quota: -1 });
});
afterEach(() => cloud.stop());

const send = async (to: string, extra: Record<string, unknown> = {}) =>
  (await cloud.v2.send(new V2.SendEmailCommand(simple([to], extra)))).MessageId ?? "";

describe("templates", () => {
  const parts = {
    Subject: "{{title}} is due",
    Html: "<b>{{#if name}}{{name}}{{else}}you{{/if}}</b>",
    Text: "t",
  };
  const create = (TemplateName: string, TemplateContent: object = parts) =>
    cloud.v2.send(new V2.CreateEmailTemplateCommand({ TemplateName, TemplateContent }));

  it("are made, read, changed, listed and taken away, in either API", async () => {
    await create("due");
    await expect(create("due")).rejects.toMatchObject({ name: "AlreadyExistsException" });
    const { Template } = await cloud.v1.send(new V1.GetTemplateCommand({ TemplateName: "due" }));
    expect(Template).toEqual({
      TemplateName: "due",
      SubjectPart: parts.Subject,
      HtmlPart: parts.Html,
      TextPart: "t",
    });
    const changed = { TemplateName: "due", SubjectPart: "changed", TextPart: "less" };
    await cloud.v1.send(new V1.UpdateTemplateCommand({ Template: changed }));
    const read = await cloud.v2.send(new V2.GetEmailTemplateCommand({ TemplateName: "due" }));
    expect(read.TemplateContent).toEqual({ Subject: "changed", Text: "less" });
    await create("other");
    const { TemplatesMetadata: page = [], NextToken } = await cloud.v2.send(
      new V2.ListEmailTemplatesCommand({ PageSize: 1 }),
    );
    const { TemplatesMetadata: rest = [] } = await cloud.v2.send(
      new V2.ListEmailTemplatesCommand({ NextToken }),
    );
    expect([...page, ...rest].map((t) => t.TemplateName).sort()).toEqual(["due", "other"]);
    await cloud.v1.send(new V1.DeleteTemplateCommand({ TemplateName: "due" }));
    await cloud.v1.send(new V1.DeleteTemplateCommand({ TemplateName: "due" }));
    await expect(
      cloud.v2.send(new V2.DeleteEmailTemplateCommand({ TemplateName: "due" })),
    ).rejects.toMatchObject({ name: "NotFoundException" });
    await expect(cloud.v1.send(new V1.GetTemplateCommand({ TemplateName: "due" }))).rejects.toMatchObject({
      name: "TemplateDoesNotExistException",
      message: "Template due does not exist.",
    });
  });

  it("are rendered as a test, and say what is missing", async () => {
    await create("due");
    const render = (TemplateData: string) =>
      cloud.v2.send(new V2.TestRenderEmailTemplateCommand({ TemplateName: "due", TemplateData }));
    const { RenderedTemplate = "" } = await render('{"title":"Emma"}');
    for (const part of ["Subject: Emma is due", "<b>you</b>", "multipart/alternative"])
      expect(RenderedTemplate).toContain(part);
    await expect(render("{}")).rejects.toMatchObject({
      name: "BadRequestException",
      message: "Attribute 'title' is not present in the rendering data.",
    });
    await expect(
      cloud.v1.send(new V1.TestRenderTemplateCommand({ TemplateName: "due", TemplateData: "{}" })),
    ).rejects.toMatchObject({ name: "MissingRenderingAttributeException" });
  });

  it("are refused without a subject, without a name, broken, or too large", async () => {
    await expect(create("a", { Text: "x" })).rejects.toThrow("The subject must be specified.");
    await expect(create("a b")).rejects.toThrow("is not valid");
    await expect(create("a", { Subject: "s", Text: "{{#if x}}" })).rejects.toThrow("Template is not valid");
    await expect(create("a", { Subject: "s", Text: "x".repeat(512_000) })).rejects.toMatchObject({
      name: "LimitExceededException",
    });
    const Template = { TemplateName: "a", SubjectPart: "s", TextPart: "{{" };
    await expect(cloud.v1.send(new V1.CreateTemplateCommand({ Template }))).rejects.toMatchObject({
      name: "InvalidTemplateException",
    });
  });
});

describe("identities", () => {
  it("of the graph are there, verified, from the start", async () => {
    const { Identities } = await cloud.v1.send(new V1.ListIdentitiesCommand({}));
    expect(Identities).toEqual(["library.example", "desk@other.example"]);
    const { VerificationAttributes } = await cloud.v1.send(
      new V1.GetIdentityVerificationAttributesCommand({
        Identities: ["library.example", "nobody@x.example"],
      }),
    );
    expect(VerificationAttributes).toEqual({
      "library.example": { VerificationStatus: "Success", VerificationToken: expect.any(String) },
    });
    const domain = await cloud.v2.send(new V2.GetEmailIdentityCommand({ EmailIdentity: "library.example" }));
    expect(domain).toMatchObject({
      IdentityType: "DOMAIN",
      VerifiedForSendingStatus: true,
      DkimAttributes: { Tokens: expect.any(Array) },
    });
  });

  it("are made and taken away, and with them the right to send", async () => {
    const from = { FromEmailAddress: "news@fresh.example" };
    await expect(send("a@b.example", from)).rejects.toMatchObject({ name: "MessageRejected" });
    await cloud.v1.send(new V1.VerifyDomainIdentityCommand({ Domain: "fresh.example" }));
    await send("a@b.example", from);
    await send("a@b.example", { FromEmailAddress: "news@sub.fresh.example" });
    await cloud.v2.send(new V2.DeleteEmailIdentityCommand({ EmailIdentity: "fresh.example" }));
    await expect(send("a@b.example", from)).rejects.toMatchObject({ name: "MessageRejected" });
    const EmailIdentity = "once@x.example";
    await cloud.v2.send(new V2.CreateEmailIdentityCommand({ EmailIdentity, ConfigurationSetName: "all" }));
    await expect(cloud.v2.send(new V2.CreateEmailIdentityCommand({ EmailIdentity }))).rejects.toMatchObject({
      name: "AlreadyExistsException",
    });
    const id = await send("a@b.example", {
      FromEmailAddress: EmailIdentity,
      ConfigurationSetName: undefined,
    });
    await cloud.event(id, "Delivery"); // by the configuration set of the identity
  });

  it("send feedback where v1 says", async () => {
    const Identity = "library.example";
    await cloud.v1.send(
      new V1.SetIdentityNotificationTopicCommand({
        Identity,
        NotificationType: "Complaint",
        SnsTopic: TOPIC,
      }),
    );
    await cloud.v1.send(
      new V1.SetIdentityHeadersInNotificationsEnabledCommand({
        Identity,
        NotificationType: "Complaint",
        Enabled: true,
      }),
    );
    const { NotificationAttributes } = await cloud.v1.send(
      new V1.GetIdentityNotificationAttributesCommand({ Identities: [Identity] }),
    );
    expect(NotificationAttributes?.[Identity]).toMatchObject({
      ComplaintTopic: TOPIC,
      HeadersInComplaintNotificationsEnabled: true,
    });
    const id = await send("complaint@simulator.amazonses.com", { ConfigurationSetName: "quiet" });
    const record = await until(() => cloud.records().find((r) => r.mail?.messageId === id));
    expect(record).toMatchObject({
      notificationType: "Complaint",
      mail: { commonHeaders: { subject: "Due" } },
    });
  });
});

describe("configuration sets", () => {
  const ConfigurationSetName = "fresh";
  const put = (EventDestination: V2.EventDestinationDefinition, EventDestinationName = "one") =>
    cloud.v2.send(
      new V2.CreateConfigurationSetEventDestinationCommand({
        ConfigurationSetName,
        EventDestinationName,
        EventDestination,
      }),
    );
  beforeEach(() => cloud.v2.send(new V2.CreateConfigurationSetCommand({ ConfigurationSetName })));

  it("are made, shown, listed and taken away", async () => {
    await expect(
      cloud.v1.send(
        new V1.CreateConfigurationSetCommand({ ConfigurationSet: { Name: ConfigurationSetName } }),
      ),
    ).rejects.toMatchObject({ name: "ConfigurationSetAlreadyExistsException" });
    await cloud.v2.send(
      new V2.PutConfigurationSetTrackingOptionsCommand({
        ConfigurationSetName,
        CustomRedirectDomain: "t.example",
      }),
    );
    const shown = await cloud.v2.send(new V2.GetConfigurationSetCommand({ ConfigurationSetName }));
    expect(shown).toMatchObject({
      SendingOptions: { SendingEnabled: true },
      TrackingOptions: { CustomRedirectDomain: "t.example" },
    });
    const { ConfigurationSets } = await cloud.v2.send(new V2.ListConfigurationSetsCommand({}));
    expect(ConfigurationSets).toEqual(["all", "quiet", ConfigurationSetName]);
    await cloud.v1.send(new V1.DeleteConfigurationSetCommand({ ConfigurationSetName }));
    await expect(
      cloud.v2.send(new V2.GetConfigurationSetCommand({ ConfigurationSetName })),
    ).rejects.toMatchObject({
      name: "NotFoundException",
      message: "Configuration set <fresh> does not exist.",
    });
  });

  it("ask a topic before they send to it, and only know the default bus", async () => {
    const MatchingEventTypes = [V2.EventType.BOUNCE];
    await put({ Enabled: true, MatchingEventTypes, SnsDestination: { TopicArn: TOPIC } });
    const asked = cloud.delivered.some(({ delivery }) =>
      delivery.body.includes("Successfully validated SNS topic for Amazon SES event publishing."),
    );
    expect(asked).toBe(true);
    const none = `arn:aws:sns:${REGION}:${ACCOUNT}:none`;
    await expect(put({ MatchingEventTypes, SnsDestination: { TopicArn: none } }, "two")).rejects.toThrow(
      `SNS topic <${none}> not found.`,
    );
    await put({ MatchingEventTypes, EventBridgeDestination: { EventBusArn: BUS } }, "two");
    await expect(
      put(
        { MatchingEventTypes, EventBridgeDestination: { EventBusArn: BUS.replace("default", "own") } },
        "three",
      ),
    ).rejects.toThrow("Only the default event bus");
    await expect(
      put(
        {
          MatchingEventTypes,
          KinesisFirehoseDestination: {
            IamRoleArn: "arn:aws:iam::1:role/r",
            DeliveryStreamArn: "arn:aws:firehose:x",
          },
        },
        "three",
      ),
    ).rejects.toThrow("does not serve");
    const { EventDestinations } = await cloud.v2.send(
      new V2.GetConfigurationSetEventDestinationsCommand({ ConfigurationSetName }),
    );
    expect(EventDestinations?.map((d) => [d.Name, d.Enabled])).toEqual([
      ["one", true],
      ["two", false],
    ]);
  });

  it("change what they tell", async () => {
    const SnsDestination = { TopicArn: TOPIC };
    await put({ Enabled: true, MatchingEventTypes: ["SEND"], SnsDestination });
    await cloud.v2.send(
      new V2.UpdateConfigurationSetEventDestinationCommand({
        ConfigurationSetName,
        EventDestinationName: "one",
        EventDestination: { Enabled: true, MatchingEventTypes: ["DELIVERY"], SnsDestination },
      }),
    );
    const id = await send("success@simulator.amazonses.com", { ConfigurationSetName });
    await cloud.event(id, "Delivery");
    expect(cloud.records().filter((r) => r.mail?.messageId === id).length).toBe(1);
    await cloud.v1.send(
      new V1.DeleteConfigurationSetEventDestinationCommand({
        ConfigurationSetName,
        EventDestinationName: "one",
      }),
    );
    await expect(
      cloud.v1.send(
        new V1.DeleteConfigurationSetEventDestinationCommand({
          ConfigurationSetName,
          EventDestinationName: "one",
        }),
      ),
    ).rejects.toMatchObject({
      name: "EventDestinationDoesNotExistException",
      message: "No EventDestination found for fresh",
    });
  });
});

describe("suppression", () => {
  const listed = async () =>
    (await cloud.v2.send(new V2.ListSuppressedDestinationsCommand({}))).SuppressedDestinationSummaries?.map(
      (s) => [s.EmailAddress, s.Reason],
    );

  it("begins with a hard bounce, keeps further mail, and ends when it is lifted", async () => {
    const to = "Gone@Nowhere.invalid";
    const first = await send(to);
    expect((await cloud.event(first, "Bounce")).bounce).toMatchObject({
      bounceType: "Permanent",
      bounceSubType: "General",
    });
    expect(await listed()).toEqual([["gone@nowhere.invalid", "BOUNCE"]]);
    const { SuppressedDestination } = await cloud.v2.send(
      new V2.GetSuppressedDestinationCommand({ EmailAddress: to }),
    );
    expect(SuppressedDestination).toMatchObject({
      Reason: "BOUNCE",
      Attributes: { MessageId: first, FeedbackId: expect.any(String) },
    });
    const second = await cloud.event(await send(to), "Bounce");
    expect(second.bounce).toMatchObject({
      bounceType: "Permanent",
      bounceSubType: "OnAccountSuppressionList",
    });
    await cloud.v2.send(new V2.DeleteSuppressedDestinationCommand({ EmailAddress: to }));
    expect((await cloud.event(await send(to), "Bounce")).bounce).toMatchObject({ bounceSubType: "General" });
    await expect(
      cloud.v2.send(new V2.GetSuppressedDestinationCommand({ EmailAddress: "x@y.example" })),
    ).rejects.toMatchObject({ name: "NotFoundException" });
  });

  it("begins with a complaint, and says so of further mail", async () => {
    const id = await send("reader@anywhere.example");
    await cloud.event(id, "Delivery");
    await cloud.act("event", { id, type: "Complaint" });
    expect(await listed()).toEqual([["reader@anywhere.example", "COMPLAINT"]]);
    const { complaint } = await cloud.event(await send("reader@anywhere.example"), "Complaint");
    expect(complaint).toMatchObject({ complaintSubType: "OnAccountSuppressionList" });
  });

  it("is a configuration set's own matter where it says so", async () => {
    const put = (ConfigurationSetName: string, SuppressedReasons: V2.SuppressionListReason[]) =>
      cloud.v2.send(
        new V2.PutConfigurationSetSuppressionOptionsCommand({ ConfigurationSetName, SuppressedReasons }),
      );
    await cloud.v2.send(
      new V2.PutSuppressedDestinationCommand({ EmailAddress: "reader@anywhere.example", Reason: "BOUNCE" }),
    );
    await put("all", ["COMPLAINT"]);
    await cloud.event(await send("reader@anywhere.example"), "Delivery");
    await put("all", ["BOUNCE"]);
    await cloud.event(await send("reader@anywhere.example"), "Bounce");
    await put("all", []);
    await cloud.event(await send("gone@nowhere.invalid"), "Bounce");
    expect(await listed()).toEqual([["reader@anywhere.example", "BOUNCE"]]);
  });

  it("never begins at the simulator", async () => {
    await cloud.event(await send("bounce@simulator.amazonses.com"), "Bounce");
    await cloud.event(await send("complaint@simulator.amazonses.com"), "Complaint");
    expect(await listed()).toEqual([]);
  });
});

describe("a contact list", () => {
  const ContactListName = "readers";
  const Topics = [
    { TopicName: "new", DisplayName: "New books", DefaultSubscriptionStatus: V2.SubscriptionStatus.OPT_IN },
  ];
  const list = { ListManagementOptions: { ContactListName, TopicName: "new" } };
  const html = {
    Content: {
      Simple: {
        Subject: { Data: "New" },
        Body: { Html: { Data: '<a href="{{amazonSESUnsubscribeUrl}}">leave</a>' } },
      },
    },
  };
  beforeEach(() => cloud.v2.send(new V2.CreateContactListCommand({ ContactListName, Topics })));

  it("lets its readers leave with one click, and tells so; a GET changes nothing", async () => {
    const id = await send("reader@anywhere.example", { ...list, ...html });
    const { allHeaders, html: shown } = await cloud.view<{
      allHeaders: { name: string; value: string }[];
      html: string;
    }>("message", { id });
    const header = (name: string) => allHeaders.find((h) => h.name === name)?.value ?? "";
    expect(header("List-Unsubscribe-Post")).toBe("List-Unsubscribe=One-Click");
    const url = /<(.+)>/.exec(header("List-Unsubscribe"))?.[1] ?? "";
    expect(shown).not.toContain("{{amazonSES");
    const get = await fetch(url);
    expect([get.status, await get.text()]).toEqual([200, expect.stringContaining("<form")]);
    expect(cloud.records().some((r) => r.eventType === "Subscription")).toBe(false);
    const left = await fetch(url, {
      method: "POST",
      body: new URLSearchParams({ "List-Unsubscribe": "One-Click" }),
    });
    expect(left.status).toBe(200);
    expect((await cloud.event(id, "Subscription")).subscription).toEqual({
      contactList: ContactListName,
      timestamp: expect.any(String),
      source: "UnsubscribeHeader",
      newTopicPreferences: {
        unsubscribeAll: false,
        topicSubscriptionStatus: [{ topicName: "new", subscriptionStatus: "OptOut" }],
      },
      oldTopicPreferences: {
        unsubscribeAll: false,
        topicSubscriptionStatus: [{ topicName: "new", subscriptionStatus: "OptIn" }],
      },
    });
    const { bounce } = await cloud.event(
      await send("reader@anywhere.example", { ...list, ...html }),
      "Bounce",
    );
    expect(bounce).toMatchObject({ bounceSubType: "UnsubscribedRecipient" });
  });

  it("keeps its contacts and their wishes", async () => {
    const contact = (EmailAddress: string, extra: object = {}) =>
      cloud.v2.send(new V2.CreateContactCommand({ ContactListName, EmailAddress, ...extra }));
    await contact("a@b.example", { AttributesData: '{"name":"A"}' });
    await contact("c@d.example", { TopicPreferences: [{ TopicName: "new", SubscriptionStatus: "OPT_OUT" }] });
    await expect(contact("a@b.example")).rejects.toMatchObject({ name: "AlreadyExistsException" });
    await cloud.v2.send(
      new V2.UpdateContactCommand({ ContactListName, EmailAddress: "a@b.example", UnsubscribeAll: true }),
    );
    expect(
      await cloud.v2.send(new V2.GetContactCommand({ ContactListName, EmailAddress: "a@b.example" })),
    ).toMatchObject({ UnsubscribeAll: true, AttributesData: '{"name":"A"}' });
    const { Contacts } = await cloud.v2.send(
      new V2.ListContactsCommand({
        ContactListName,
        Filter: { FilteredStatus: "OPT_OUT", TopicFilter: { TopicName: "new" } },
      }),
    );
    expect(Contacts?.map((c) => c.EmailAddress)).toEqual(["c@d.example"]);
    await cloud.v2.send(new V2.DeleteContactCommand({ ContactListName, EmailAddress: "c@d.example" }));
    await expect(
      cloud.v2.send(new V2.GetContactCommand({ ContactListName, EmailAddress: "c@d.example" })),
    ).rejects.toMatchObject({ name: "NotFoundException" });
    await expect(
      cloud.v2.send(new V2.CreateContactListCommand({ ContactListName: "second" })),
    ).rejects.toMatchObject({ name: "LimitExceededException" });
  });
});

describe("the account", () => {
  it("shows quota, use and statistics in both APIs", async () => {
    await cloud.act("account", { rate: 14, quota: 50_000 });
    await send("bounce@simulator.amazonses.com");
    const { SendQuota, ProductionAccessEnabled, SuppressionAttributes } = await cloud.v2.send(
      new V2.GetAccountCommand({}),
    );
    expect([SendQuota, ProductionAccessEnabled]).toEqual([
      { Max24HourSend: 50_000, MaxSendRate: 14, SentLast24Hours: 1 },
      true,
    ]);
    expect(SuppressionAttributes).toEqual({ SuppressedReasons: ["BOUNCE", "COMPLAINT"] });
    expect(await cloud.v1.send(new V1.GetSendQuotaCommand({}))).toMatchObject({
      Max24HourSend: 50_000,
      MaxSendRate: 14,
      SentLast24Hours: 1,
    });
    const points = async () =>
      (await cloud.v1.send(new V1.GetSendStatisticsCommand({}))).SendDataPoints ?? [];
    await until(async () => (await points())[0]?.Bounces === 1);
    expect((await points())[0]).toMatchObject({
      DeliveryAttempts: 1,
      Complaints: 0,
      Rejects: 0,
      Timestamp: expect.any(Date),
    });
  });

  it("answers operations nobody serves by name", async () => {
    await expect(cloud.v1.send(new V1.CreateReceiptRuleSetCommand({ RuleSetName: "x" }))).rejects.toThrow(
      "The local cloud does not serve ses:CreateReceiptRuleSet.",
    );
    await expect(cloud.v2.send(new V2.ListDedicatedIpPoolsCommand({}))).rejects.toThrow(
      "The local cloud does not serve ses:GET /v2/email/dedicated-ip-pools.",
    );
  });
});
