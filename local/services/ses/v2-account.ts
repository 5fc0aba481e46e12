import { foldAddress, readMailbox } from "./address.ts";
import { sesErrors } from "./errors.ts";
import { PRODUCTION, SANDBOX } from "./settings.ts";
import type { Suppressed } from "./state.ts";
import { optionalText, page, requiredText, seconds, type V2Operations } from "./v2-call.ts";
import { readReasons } from "./v2-sets.ts";

const show = ({ address, reason, at, messageId, feedbackId }: Suppressed) => ({
  EmailAddress: address,
  Reason: reason,
  LastUpdateTime: seconds(at),
  ...(messageId ? { Attributes: { MessageId: messageId, FeedbackId: feedbackId } } : {}),
});

const brief = ({ address, reason, at }: Suppressed) => ({
  EmailAddress: address,
  Reason: reason,
  LastUpdateTime: seconds(at),
});

const suppressionOperations: V2Operations = {
  "PUT suppression/addresses": [
    "PutSuppressedDestination",
    async (ses, { input }) => {
      const address = foldAddress(readMailbox(input.EmailAddress).address);
      const [reason] = readReasons([input.Reason]);
      if (reason) ses.settings.suppressed.set(address, { address, reason, at: ses.cloud.clock.now() });
      await ses.save();
      return {};
    },
  ],
  "GET suppression/addresses": [
    "ListSuppressedDestinations",
    ({ settings }, { query }) => {
      const reasons = readReasons(query.getAll("Reason"));
      const [from, to] = ["StartDate", "EndDate"].map((name) => {
        const given = query.get(name);
        return given === null ? undefined : Date.parse(given) || Number(given) * 1_000;
      });
      const found = [...settings.suppressed.values()].filter(
        ({ reason, at }) =>
          (reasons.length === 0 || reasons.includes(reason)) &&
          (from === undefined || at >= from) &&
          (to === undefined || at <= to),
      );
      const { items, token } = page(found, query.get("NextToken"), query.get("PageSize"));
      return { SuppressedDestinationSummaries: items.map(brief), ...token };
    },
  ],
  "GET suppression/addresses/*": [
    "GetSuppressedDestination",
    ({ settings }, { names: [name = ""] }) => {
      const entry = settings.suppressed.get(foldAddress(name));
      if (!entry) throw sesErrors.notFound(`Email address ${name} does not exist on your suppression list.`);
      return { SuppressedDestination: show(entry) };
    },
  ],
  "DELETE suppression/addresses/*": [
    "DeleteSuppressedDestination",
    async (ses, { names: [name = ""] }) => {
      if (!ses.settings.suppressed.delete(foldAddress(name)))
        throw sesErrors.notFound(`Email address ${name} does not exist on your suppression list.`);
      await ses.save();
      return {};
    },
  ],
};

export const accountOperations: V2Operations = {
  ...suppressionOperations,
  "GET account": [
    "GetAccount",
    ({ settings: { account }, quota }) => ({
      DedicatedIpAutoWarmupEnabled: false,
      EnforcementStatus: "HEALTHY",
      ProductionAccessEnabled: account.production,
      SendingEnabled: account.sending,
      SendQuota: {
        Max24HourSend: account.quota,
        MaxSendRate: account.rate,
        SentLast24Hours: quota.sent24Hours(),
      },
      SuppressionAttributes: { SuppressedReasons: account.suppressedReasons },
      ...(account.details ? { Details: account.details } : {}),
    }),
  ],
  "PUT account/sending": [
    "PutAccountSendingAttributes",
    async (ses, { input }) => {
      ses.settings.account.sending = input.SendingEnabled === true;
      await ses.save();
      return {};
    },
  ],
  "PUT account/suppression": [
    "PutAccountSuppressionAttributes",
    async (ses, { input }) => {
      ses.settings.account.suppressedReasons = readReasons(input.SuppressedReasons);
      await ses.save();
      return {};
    },
  ],
  // AWS's people read such a request; here it is granted, or the sandbox entered, at once.
  "POST account/details": [
    "PutAccountDetails",
    async (ses, { input }) => {
      const { account } = ses.settings;
      account.details = {
        MailType: requiredText(input.MailType, "mailType"),
        WebsiteURL: requiredText(input.WebsiteURL, "websiteURL"),
        ContactLanguage: optionalText(input.ContactLanguage) ?? "EN",
        UseCaseDescription: optionalText(input.UseCaseDescription),
        ReviewDetails: { Status: "GRANTED" },
      };
      if (typeof input.ProductionAccessEnabled === "boolean") {
        account.production = input.ProductionAccessEnabled;
        Object.assign(account, account.production ? PRODUCTION : SANDBOX);
      }
      await ses.save();
      return {};
    },
  ],
};
