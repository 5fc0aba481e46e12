/** How a refusal is told in each API. `v1` and `v2` are codes, `status` is v2's: v1 answers 400 to all. */
interface Names {
  readonly v1: string;
  readonly v2: string;
  readonly status?: number;
  /** Status of one entry of a bulk call, as v1 and v2 write it. */
  readonly bulk?: readonly [v1: string, v2: string];
}

/** A refusal in SES's words. */
export class SesError extends Error {
  readonly v1: string;
  readonly v2: string;
  readonly status: number;
  readonly bulk: readonly [v1: string, v2: string];

  constructor({ v1, v2, status = 400, bulk = ["Failed", "FAILED"] }: Names, message: string) {
    super(message);
    this.name = v2;
    this.v1 = v1;
    this.v2 = v2;
    this.status = status;
    this.bulk = bulk;
  }
}

const kind =
  (names: Names) =>
  (message: string): SesError =>
    new SesError(names, message);

const bad = (v1: string) => kind({ v1, v2: "BadRequestException", bulk: INVALID });
const INVALID = ["InvalidParameterValue", "INVALID_PARAMETER"] as const;
const REJECTED = ["MessageRejected", "MESSAGE_REJECTED"] as const;

const missing = (v1: string, bulk?: readonly [string, string]) =>
  kind({ v1, v2: "NotFoundException", status: 404, ...(bulk ? { bulk } : {}) });

const noSet = missing("ConfigurationSetDoesNotExist", [
  "ConfigurationSetDoesNotExist",
  "CONFIGURATION_SET_NOT_FOUND",
]);
const noTemplate = missing("TemplateDoesNotExist", ["TemplateDoesNotExist", "TEMPLATE_NOT_FOUND"]);
const throttled = (bulk: readonly [string, string]) =>
  kind({ v1: "Throttling", v2: "TooManyRequestsException", status: 429, bulk });

/** Errors by the name of what went wrong. Texts are AWS's own where they are known. */
export const sesErrors = {
  invalid: bad("InvalidParameterValue"),
  invalidTemplate: bad("InvalidTemplate"),
  missingAttribute: bad("MissingRenderingAttribute"),
  invalidRendering: bad("InvalidRenderingParameter"),
  invalidTopic: bad("InvalidSNSDestination"),
  invalidDestination: bad("InvalidParameterValue"),
  rejected: kind({ v1: "MessageRejected", v2: "MessageRejected", bulk: REJECTED }),
  limit: kind({ v1: "LimitExceeded", v2: "LimitExceededException" }),
  exists: kind({ v1: "AlreadyExists", v2: "AlreadyExistsException" }),
  setExists: kind({ v1: "ConfigurationSetAlreadyExists", v2: "AlreadyExistsException" }),
  destinationExists: kind({ v1: "EventDestinationAlreadyExists", v2: "AlreadyExistsException" }),
  noDestination: missing("EventDestinationDoesNotExist"),
  notFound: missing("NotFound"),
  noSet: (name: string) => noSet(`Configuration set <${name}> does not exist.`),
  noTemplate: (name: string) => noTemplate(`Template ${name} does not exist.`),
  rate: throttled(["AccountThrottled", "ACCOUNT_THROTTLED"]),
  quota: throttled(["AccountDailyQuotaExceeded", "ACCOUNT_DAILY_QUOTA_EXCEEDED"]),
  accountPaused: kind({
    v1: "AccountSendingPausedException",
    v2: "SendingPausedException",
    bulk: ["AccountSendingPaused", "ACCOUNT_SENDING_PAUSED"],
  }),
  setPaused: kind({
    v1: "ConfigurationSetSendingPausedException",
    v2: "SendingPausedException",
    bulk: ["ConfigurationSetSendingPaused", "CONFIGURATION_SET_SENDING_PAUSED"],
  }),
  unserved: kind({ v1: "NotImplemented", v2: "NotImplemented", status: 501 }),
};
