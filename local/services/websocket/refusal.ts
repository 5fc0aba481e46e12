/** The API's own no: an HTTP answer to a handshake, an error message on an open connection. */
export class Refusal extends Error {
  readonly status: number;
  readonly type: string;

  constructor(kind: keyof typeof KINDS, said?: string) {
    super(said ?? KINDS[kind].message);
    this.status = KINDS[kind].status;
    this.type = kind;
  }
}

// As the gateway responses of REST APIs, which share the service behind them.
const KINDS = {
  ForbiddenException: { status: 403, message: "Forbidden" },
  MissingAuthenticationTokenException: { status: 403, message: "Missing Authentication Token" },
  InvalidSignatureException: { status: 403, message: "Forbidden" },
  AccessDeniedException: { status: 403, message: "User is not authorized to access this resource" },
  UnauthorizedException: { status: 401, message: "Unauthorized" },
  AuthorizerFailureException: { status: 500, message: "Internal server error" },
  AuthorizerConfigurationException: { status: 500, message: "Internal server error" },
  ConfigurationException: { status: 500, message: "Internal server error" },
  IntegrationFailureException: { status: 502, message: "Internal server error" },
  IntegrationTimeoutException: { status: 504, message: "Endpoint request timed out" },
  LimitExceededException: { status: 429, message: "Limit Exceeded" },
  TooManyRequestsException: { status: 429, message: "Too Many Requests" },
} as const;

/** The message a client is sent when one of its own came to nothing. */
export const errorFrame = (message: string, connectionId: string, requestId: string): Buffer =>
  Buffer.from(JSON.stringify({ message, connectionId, requestId }));
