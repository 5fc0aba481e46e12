import { byType } from "../../graph/graph.ts";
import { type Access, arnOf, type Input, own, record, type ServiceCall, type Table, text } from "./access.ts";
import { SES_OPERATIONS } from "./ses-routes.ts";

const IDENTITIES = [
  "aws:sesv2/emailIdentity:EmailIdentity",
  "aws:ses/emailIdentity:EmailIdentity",
  "aws:ses/domainIdentity:DomainIdentity",
];

const identities = (call: ServiceCall) =>
  IDENTITIES.flatMap((type) => byType(call.graph, type)).map(({ inputs, id }) =>
    (text(inputs.emailIdentity) || text(inputs.email) || text(inputs.domain) || id).toLowerCase(),
  );

/** `Ann <ann@example.com>` → `ann@example.com` */
const addressIn = (from: string) => (/<([^>]+)>/.exec(from)?.[1] ?? from).trim();

/** The identity SES would use: the address itself, else its domain or the nearest domain above that is one. */
const identityOf = (call: ServiceCall, from: string): string => {
  const address = addressIn(from);
  const known = new Set(identities(call));
  if (known.has(address.toLowerCase())) return address;
  const labels = (address.split("@")[1] ?? "").toLowerCase().split(".");
  const domains = labels.map((_, at) => labels.slice(at).join("."));
  return domains.find((domain) => known.has(domain)) ?? address;
};

/** The `From` header of a raw message. */
const fromOfRaw = (data: unknown): string => {
  const head =
    Buffer.from(text(data), "base64")
      .toString("latin1")
      .split(/\r?\n\r?\n/)[0] ?? "";
  return /^from:[ \t]*((?:.|\r?\n[ \t])*)/im.exec(head)?.[1]?.replace(/\r?\n[ \t]+/g, " ") ?? "";
};

interface Mail {
  readonly from: string;
  readonly identityArn?: string;
  readonly configurationSet?: string;
  readonly template?: string;
}

/** A mail needs its action on the sender's identity, and on each configuration set and template it uses. */
const sends = (call: ServiceCall, action: string, mail: Mail): Access[] => {
  const { from, identityArn, configurationSet, template } = mail;
  const address = addressIn(from);
  const context = () => ({
    "ses:FromAddress": address,
    ...(/^(.*?)\s*</.exec(from)?.[1] ? { "ses:FromDisplayName": /^(.*?)\s*</.exec(from)?.[1] ?? "" } : {}),
    "ses:ApiVersion": call.request.path.startsWith("/v2/") ? "2" : "1",
  });
  const identity = identityArn || arnOf(call, "ses", `identity/${identityOf(call, from)}`);
  return [
    identity,
    ...(configurationSet ? [arnOf(call, "ses", `configuration-set/${configurationSet}`)] : []),
    ...(template ? [arnOf(call, "ses", `template/${template}`)] : []),
  ].map((resource) => ({ action: `ses:${action}`, resource, context }));
};

const nameOfTemplate = (template: Input) =>
  text(template.TemplateName) || text(template.TemplateArn).split("/").at(-1);

const mailOf = (input: Input, more: Partial<Mail> = {}): Mail => ({
  from: text(input.FromEmailAddress) || text(input.Source),
  identityArn: text(input.FromEmailAddressIdentityArn) || text(input.SourceArn),
  configurationSet: text(input.ConfigurationSetName),
  ...more,
});

/** SES v2 asks for v1's actions, by what the content is. */
const sendV2 = (call: ServiceCall): Access[] => {
  const content = record(call.input.Content);
  if (content.Raw) {
    const from = text(call.input.FromEmailAddress) || fromOfRaw(record(content.Raw).Data);
    return sends(call, "SendRawEmail", mailOf(call.input, { from }));
  }
  if (!content.Template) return sends(call, "SendEmail", mailOf(call.input));
  const template = nameOfTemplate(record(content.Template));
  return sends(call, "SendTemplatedEmail", mailOf(call.input, template ? { template } : {}));
};

const bulkV2 = (call: ServiceCall): Access[] => {
  const template = nameOfTemplate(record(record(call.input.DefaultContent).Template));
  return sends(call, "SendBulkEmail", mailOf(call.input, template ? { template } : {}));
};

const rawV1 = (call: ServiceCall): Access[] => {
  const from = text(call.input.Source) || fromOfRaw(record(call.input.RawMessage).Data);
  return sends(call, "SendRawEmail", mailOf(call.input, { from }));
};

const templated = (action: string) => (call: ServiceCall) =>
  sends(call, action, mailOf(call.input, { template: text(call.input.Template) }));

const decode = (part: string) => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

// What stands in a path, and the kind of resource it names.
const KINDS: Readonly<Record<string, string>> = {
  identities: "identity",
  "configuration-sets": "configuration-set",
  templates: "template",
  "custom-verification-email-templates": "custom-verification-email-template",
  "contact-lists": "contact-list",
  "dedicated-ip-pools": "dedicated-ip-pool",
};

/** The resource a v2 call is about: in its path, or in its body where it is being made. */
const ofCall = (call: ServiceCall): string => {
  const [, collection = "", name] = /^\/v2\/email\/([^/]+)(?:\/([^/]+))?/.exec(call.request.path) ?? [];
  const kind = KINDS[collection];
  const { EmailIdentity, ConfigurationSetName, TemplateName, ContactListName } = call.input;
  const made = [EmailIdentity, ConfigurationSetName, TemplateName, ContactListName]
    .map(text)
    .find((n) => n !== "");
  const named = name === undefined ? made : decode(name);
  return kind && named ? arnOf(call, "ses", `${kind}/${named}`) : "*";
};

const V1 = `CreateTemplate UpdateTemplate DeleteTemplate GetTemplate ListTemplates TestRenderTemplate
  CreateConfigurationSet DeleteConfigurationSet DescribeConfigurationSet ListConfigurationSets
  CreateConfigurationSetEventDestination UpdateConfigurationSetEventDestination
  DeleteConfigurationSetEventDestination ListIdentities DeleteIdentity VerifyEmailIdentity VerifyEmailAddress
  VerifyDomainIdentity VerifyDomainDkim GetIdentityVerificationAttributes GetIdentityDkimAttributes
  GetIdentityMailFromDomainAttributes GetIdentityNotificationAttributes GetIdentityPolicies ListIdentityPolicies
  PutIdentityPolicy DeleteIdentityPolicy SetIdentityNotificationTopic SetIdentityDkimEnabled
  SetIdentityMailFromDomain SetIdentityFeedbackForwardingEnabled SetIdentityHeadersInNotificationsEnabled
  GetSendQuota GetSendStatistics GetAccountSendingEnabled UpdateAccountSendingEnabled SendBounce
  ListVerifiedEmailAddresses DeleteVerifiedEmailAddress UpdateConfigurationSetSendingEnabled
  UpdateConfigurationSetReputationMetricsEnabled PutConfigurationSetDeliveryOptions`;

/** Operations of SES, v1 and v2. v1's administration knows no resources. */
export const ses: Table = {
  ...own("ses", [...new Set([...V1.split(/\s+/), ...SES_OPERATIONS])].join(" "), ofCall),
  SendEmail: (call) =>
    call.request.path.startsWith("/v2/") ? sendV2(call) : sends(call, "SendEmail", mailOf(call.input)),
  SendRawEmail: rawV1,
  SendBulkEmail: bulkV2,
  SendTemplatedEmail: templated("SendTemplatedEmail"),
  SendBulkTemplatedEmail: templated("SendBulkTemplatedEmail"),
};
