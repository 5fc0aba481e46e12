import { entries, listOf, type QueryFields, type QueryResult, textOf } from "../../kit/query.ts";
import { foldAddress } from "./address.ts";
import { arnOf, type Ses } from "./context.ts";
import { sesErrors } from "./errors.ts";
import { addIdentity, identityNamed } from "./identities.ts";
import type { Feedback, Identity } from "./state.ts";
import type { V1Operation, V1Operations } from "./v1.ts";
import { page } from "./v2-call.ts";

const FEEDBACK = ["Bounce", "Complaint", "Delivery"] as const;

const feedbackOf = (fields: QueryFields): Feedback => {
  const type = FEEDBACK.find((name) => name === textOf(fields, "NotificationType"));
  if (type) return type;
  throw sesErrors.invalid(
    `1 validation error detected: Value at 'notificationType' failed to satisfy constraint: Member must satisfy enum value set: [${FEEDBACK.join(", ")}]`,
  );
};

// v1 tells an unknown identity as a bad parameter.
const named = (ses: Ses, fields: QueryFields): Identity => {
  const name = textOf(fields, "Identity") ?? "";
  if (ses.settings.identities.has(foldAddress(name))) return identityNamed(ses, name);
  throw sesErrors.invalid(`Identity <${name}> does not exist.`);
};

const verify =
  (field: string, answer: (identity: Identity) => Record<string, QueryResult>): V1Operation =>
  async (ses, fields) => {
    const name = textOf(fields, field) ?? "";
    if (field !== "Domain" && !name.includes("@")) throw sesErrors.invalid(`Invalid email address<${name}>.`);
    const identity = await addIdentity(ses, name);
    return { ...answer(identity), node: arnOf(ses, `identity/${identity.name}`) };
  };

const change =
  (apply: (identity: Identity, fields: QueryFields) => void): V1Operation =>
  async (ses, fields) => {
    const identity = named(ses, fields);
    apply(identity, fields);
    await ses.save();
    return { node: arnOf(ses, `identity/${identity.name}`) };
  };

/** Attributes of each identity asked for; one that is not there is left out, as in AWS. */
const attributes =
  (field: string, show: (identity: Identity) => QueryResult): V1Operation =>
  ({ settings }, fields) => {
    const asked = listOf(fields, "Identities").map(String);
    const known = asked.flatMap((name): [string, QueryResult][] => {
      const identity = settings.identities.get(foldAddress(name));
      return identity ? [[name, show(identity)]] : [];
    });
    return { [field]: entries(Object.fromEntries(known)) };
  };

const remove =
  (field: string): V1Operation =>
  async (ses, fields) => {
    if (ses.settings.identities.delete(foldAddress(textOf(fields, field) ?? ""))) await ses.save();
    return {};
  };

export const v1IdentityOperations: V1Operations = {
  VerifyEmailIdentity: verify("EmailAddress", () => ({})),
  VerifyEmailAddress: verify("EmailAddress", () => ({})),
  VerifyDomainIdentity: verify("Domain", ({ dkimTokens: [token] }) => ({ VerificationToken: token })),
  VerifyDomainDkim: verify("Domain", ({ dkimTokens }) => ({ DkimTokens: dkimTokens })),
  DeleteIdentity: remove("Identity"),
  DeleteVerifiedEmailAddress: remove("EmailAddress"),
  ListIdentities: ({ settings }, fields) => {
    const type = textOf(fields, "IdentityType");
    const wanted = [...settings.identities.values()].filter(
      (identity) => !type || (type === "Domain") === (identity.type === "DOMAIN"),
    );
    const { items, token } = page(wanted, textOf(fields, "NextToken"), textOf(fields, "MaxItems"));
    return { Identities: items.map(({ name }) => name), ...token };
  },
  ListVerifiedEmailAddresses: ({ settings }) => ({
    VerifiedEmailAddresses: [...settings.identities.values()]
      .filter(({ type, verified }) => verified && type === "EMAIL_ADDRESS")
      .map(({ name }) => name),
  }),
  GetIdentityVerificationAttributes: attributes("VerificationAttributes", (identity) => ({
    VerificationStatus: identity.verified ? "Success" : "Pending",
    ...(identity.type === "DOMAIN" ? { VerificationToken: identity.dkimTokens[0] } : {}),
  })),
  GetIdentityDkimAttributes: attributes("DkimAttributes", ({ type, dkimTokens }) => ({
    DkimEnabled: type === "DOMAIN",
    DkimVerificationStatus: type === "DOMAIN" ? "Success" : "NotStarted",
    ...(type === "DOMAIN" ? { DkimTokens: dkimTokens } : {}),
  })),
  GetIdentityNotificationAttributes: attributes("NotificationAttributes", (identity) => ({
    BounceTopic: identity.topics.Bounce ?? "",
    ComplaintTopic: identity.topics.Complaint ?? "",
    DeliveryTopic: identity.topics.Delivery ?? "",
    ForwardingEnabled: identity.forwarding,
    HeadersInBounceNotificationsEnabled: identity.headersIn.Bounce === true,
    HeadersInComplaintNotificationsEnabled: identity.headersIn.Complaint === true,
    HeadersInDeliveryNotificationsEnabled: identity.headersIn.Delivery === true,
  })),
  GetIdentityMailFromDomainAttributes: attributes("MailFromDomainAttributes", ({ mailFrom }) => ({
    MailFromDomain: mailFrom?.domain ?? "",
    MailFromDomainStatus: mailFrom ? "Success" : "Pending",
    BehaviorOnMXFailure: mailFrom?.behavior === "REJECT_MESSAGE" ? "RejectMessage" : "UseDefaultValue",
  })),
  SetIdentityNotificationTopic: change((identity, fields) => {
    const topic = textOf(fields, "SnsTopic");
    if (topic) identity.topics[feedbackOf(fields)] = topic;
    else delete identity.topics[feedbackOf(fields)];
  }),
  SetIdentityHeadersInNotificationsEnabled: change((identity, fields) => {
    identity.headersIn[feedbackOf(fields)] = textOf(fields, "Enabled") === "true";
  }),
  SetIdentityFeedbackForwardingEnabled: change((identity, fields) => {
    identity.forwarding = textOf(fields, "ForwardingEnabled") === "true";
  }),
  SetIdentityDkimEnabled: change(() => {}),
  SetIdentityMailFromDomain: change((identity, fields) => {
    const domain = textOf(fields, "MailFromDomain");
    const behavior =
      textOf(fields, "BehaviorOnMXFailure") === "RejectMessage" ? "REJECT_MESSAGE" : "USE_DEFAULT_VALUE";
    if (domain) identity.mailFrom = { domain, behavior };
    else delete identity.mailFrom;
  }),
};
