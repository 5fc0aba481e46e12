/** A refusal in SNS's words. */
export class SnsError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status = 400) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = status;
  }
}

/** Errors by the name of what went wrong. */
export const snsErrors = {
  invalid: (what: string, reason?: string) =>
    new SnsError("InvalidParameter", `Invalid parameter: ${what}${reason ? ` Reason: ${reason}` : ""}`),
  missing: (name: string) =>
    new SnsError("InvalidParameter", `Invalid parameter: ${name} Reason: no value for required parameter`),
  words: (message: string) => new SnsError("InvalidParameter", message),
  noTopic: () => new SnsError("NotFound", "Topic does not exist", 404),
  noSubscription: () => new SnsError("NotFound", "Subscription does not exist", 404),
  noEndpoint: () => new SnsError("NotFound", "Endpoint does not exist", 404),
  noPlatform: () => new SnsError("NotFound", "PlatformApplication does not exist", 404),
  noResource: () => new SnsError("ResourceNotFound", "Resource does not exist", 404),
  endpointDisabled: () => new SnsError("EndpointDisabled", "Endpoint is disabled"),
  platformDisabled: () => new SnsError("PlatformApplicationDisabled", "Platform application is disabled"),
  badAttribute: (message: string) => new SnsError("ParameterValueInvalid", message),
  tooManyTags: () =>
    new SnsError("TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded"),
  forbidden: (message: string) => new SnsError("AuthorizationError", message, 403),
  unserved: (operation: string) =>
    new SnsError("NotImplemented", `The local cloud does not serve sns:${operation}.`, 501),
} as const;
