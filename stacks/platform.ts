import type { Operation } from "#core/kit/api.schema.ts";
import { gatewayProblems, throttles } from "./gateway.ts";
import { allow, keepFailures, lambda } from "./kit.ts";

/** What every pattern stands on: the API and who may call it, the bus, where lost events go. */
export function platform() {
  const api = new sst.aws.ApiGatewayV1("Api", {
    endpoint: { type: "regional" },
    cors: false,
    accessLog: { retention: "1 month" },
    transform: { stage: { xrayTracingEnabled: true } },
  });
  gatewayProblems(api);
  const users = userPool();
  const authEnvironment = {
    AUTH_ISSUER: $interpolate`https://cognito-idp.${aws.getRegionOutput().name}.amazonaws.com/${users.pool.id}`,
    AUTH_CLIENT_ID: users.client.id,
  };
  const authorize = lambda("identity/authorize", { environment: authEnvironment, memory: "512 MB" });
  const authorizer = api.addAuthorizer({
    name: "Users",
    tokenFunction: authorize.arn,
    ttl: 300,
  });
  const bus = new sst.aws.Bus("Bus");
  const lost = new sst.aws.Queue("LostEvents", {
    transform: { queue: { messageRetentionSeconds: 1_209_600 } },
  });

  return {
    api,
    bus,
    lost,
    users,
    authEnvironment,
    /** Every operation routed so far: throttling and documentation are made from them. */
    operations: [] as Operation[],
    /** Who may call an operation. */
    guard: (operation: Operation) =>
      operation.auth === "required" ? { auth: { custom: authorizer.id } } : {},
    /** Settings of a function that events reach asynchronously: what it cannot handle is kept in `LostEvents`. */
    asynchronous: () => ({
      ...keepFailures(lost),
      permissions: [allow(["sqs:SendMessage"], lost.arn)],
    }),
    /** Closes the API: called once, after the last route. */
    close() {
      api.deploy();
      throttles(api, this.operations);
    },
  };
}

export type Platform = ReturnType<typeof platform>;

const userPool = () => {
  const pool = new sst.aws.CognitoUserPool("Users", {
    usernames: ["email"],
    mfa: "optional",
    softwareToken: true,
    transform: {
      userPool: {
        autoVerifiedAttributes: ["email"],
        passwordPolicy: {
          minimumLength: 12,
          requireLowercase: true,
          requireNumbers: true,
          requireSymbols: false,
          requireUppercase: true,
          temporaryPasswordValidityDays: 3,
        },
        deletionProtection: $app.stage === "production" ? "ACTIVE" : "INACTIVE",
      },
    },
  });
  const client = pool.addClient("Web", {
    transform: {
      client: {
        explicitAuthFlows: ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        allowedOauthFlows: [],
        allowedOauthFlowsUserPoolClient: false,
        allowedOauthScopes: [],
        callbackUrls: [],
        preventUserExistenceErrors: "ENABLED",
        enableTokenRevocation: true,
        accessTokenValidity: 60,
        idTokenValidity: 60,
        refreshTokenValidity: 30,
        tokenValidityUnits: { accessToken: "minutes", idToken: "minutes", refreshToken: "days" },
      },
    },
  });
  return { pool, client };
};
