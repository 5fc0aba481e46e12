import { foldAddress } from "./address.ts";
import { arnOf } from "./context.ts";
import { sesErrors } from "./errors.ts";
import { addIdentity, checkIdentity, identityNamed } from "./identities.ts";
import { setNamed } from "./sets.ts";
import type { Identity, Tag } from "./state.ts";
import {
  type Input,
  listOf,
  objectOf,
  optionalText,
  page,
  requiredText,
  type V2Operations,
} from "./v2-call.ts";

const dkim = (identity: Identity) => ({
  SigningEnabled: identity.type === "DOMAIN",
  Status: identity.type === "DOMAIN" ? "SUCCESS" : "NOT_STARTED",
  Tokens: identity.type === "DOMAIN" ? identity.dkimTokens : [],
  SigningAttributesOrigin: "AWS_SES",
});

const show = (identity: Identity) => ({
  IdentityType: identity.type,
  FeedbackForwardingStatus: identity.forwarding,
  VerifiedForSendingStatus: identity.verified,
  VerificationStatus: identity.verified ? "SUCCESS" : "PENDING",
  DkimAttributes: dkim(identity),
  MailFromAttributes: {
    BehaviorOnMxFailure: identity.mailFrom?.behavior ?? "USE_DEFAULT_VALUE",
    ...(identity.mailFrom
      ? { MailFromDomain: identity.mailFrom.domain, MailFromDomainStatus: "SUCCESS" }
      : {}),
  },
  Policies: {},
  Tags: identity.tags,
  ...(identity.configurationSet ? { ConfigurationSetName: identity.configurationSet } : {}),
});

const brief = ({ type, name, verified }: Identity) => ({
  IdentityType: type,
  IdentityName: name,
  SendingEnabled: verified,
  VerificationStatus: verified ? "SUCCESS" : "PENDING",
});

/** Tags of a resource, as the API gives them. */
export const resourceTags = (value: unknown): Tag[] =>
  listOf(value).map((tag) => {
    const { Key, Value } = objectOf(tag);
    return { Key: requiredText(Key, "tags.key"), Value: optionalText(Value) ?? "" };
  });

const change =
  (apply: (identity: Identity, input: Input) => void): V2Operations[string][1] =>
  async (ses, { names: [name = ""], input }) => {
    const identity = identityNamed(ses, name);
    apply(identity, input);
    await ses.save();
    return { node: arnOf(ses, `identity/${identity.name}`) };
  };

const list: V2Operations[string][1] = ({ settings }, { query, input }) => {
  const { items, token } = page(
    [...settings.identities.values()],
    input.NextToken ?? query.get("NextToken"),
    input.PageSize ?? query.get("PageSize"),
  );
  return { EmailIdentities: items.map(brief), ...token };
};

const setMailFrom = (identity: Identity, input: Input): void => {
  const domain = optionalText(input.MailFromDomain);
  if (!domain) return void delete identity.mailFrom;
  checkIdentity(domain);
  identity.mailFrom = { domain, behavior: optionalText(input.BehaviorOnMxFailure) ?? "USE_DEFAULT_VALUE" };
};

export const identityOperations: V2Operations = {
  "POST identities": [
    "CreateEmailIdentity",
    async (ses, { input }) => {
      const name = requiredText(input.EmailIdentity, "emailIdentity");
      if (ses.settings.identities.has(foldAddress(name)))
        throw sesErrors.exists(`Email identity ${name} already exist.`);
      const set = optionalText(input.ConfigurationSetName);
      if (set) setNamed(ses, set);
      const tags = resourceTags(input.Tags);
      const identity = await addIdentity(ses, name, { tags, ...(set ? { configurationSet: set } : {}) });
      const { type, verified } = identity;
      return {
        IdentityType: type,
        VerifiedForSendingStatus: verified,
        DkimAttributes: dkim(identity),
        node: arnOf(ses, `identity/${identity.name}`),
      };
    },
  ],
  "GET identities": ["ListEmailIdentities", list],
  "POST list-identities": ["ListEmailIdentities", list],
  "GET identities/*": [
    "GetEmailIdentity",
    (ses, { names: [name = ""] }) => {
      const identity = identityNamed(ses, name);
      return { ...show(identity), node: arnOf(ses, `identity/${identity.name}`) };
    },
  ],
  "DELETE identities/*": [
    "DeleteEmailIdentity",
    async (ses, { names: [name = ""] }) => {
      ses.settings.identities.delete(identityNamed(ses, name).name);
      await ses.save();
      return {};
    },
  ],
  "PUT identities/*/configuration-set": [
    "PutEmailIdentityConfigurationSetAttributes",
    async (ses, call) => {
      const set = optionalText(call.input.ConfigurationSetName);
      if (set) setNamed(ses, set);
      return change((identity) => {
        if (set) identity.configurationSet = set;
        else delete identity.configurationSet;
      })(ses, call);
    },
  ],
  "PUT identities/*/feedback": [
    "PutEmailIdentityFeedbackAttributes",
    change((identity, input) => {
      identity.forwarding = input.EmailForwardingEnabled === true;
    }),
  ],
  "PUT identities/*/dkim": ["PutEmailIdentityDkimAttributes", change(() => {})],
  "PUT identities/*/mail-from": ["PutEmailIdentityMailFromAttributes", change(setMailFrom)],
};
