import type { Operation } from "#core/kit/api.schema.ts";
import { caching } from "./caching.ts";
import { edgeKey } from "./firewall.ts";
import { gatewayProblems, requestShape } from "./gateway.ts";
import { keepFailures, lambda } from "./kit.ts";
import { limiting } from "./limiting.ts";
import type { Watched } from "./metrics.ts";
import { deadLetters } from "./queues.ts";
import { allow } from "./rights.ts";
import { throttles } from "./throttles.ts";
import { grantUsage, usageKey } from "./usage-plan.ts";
import { userPool } from "./users.ts";
import { valkey } from "./valkey.ts";

/** What every pattern stands on: the API and who may call it, the bus, where lost events go. */
export function platform() {
  const answers: aws.apigateway.Response[] = [];
  const api = new sst.aws.ApiGatewayV1("Api", {
    endpoint: { type: "regional" },
    cors: false,
    accessLog: { retention: "1 month" },
    transform: {
      // Without it an image would leave as base64: what a handler marks as bytes is sent as bytes, whatever is accepted.
      api: { binaryMediaTypes: ["*/*"] },
      stage: { xrayTracingEnabled: true },
      // A deployment is a snapshot: it must not be taken before the answers are in, and again when they change.
      deployment: (deployment, opts) => {
        opts.dependsOn = answers;
        deployment.triggers = $util
          .all([deployment.triggers ?? {}, ...answers.map((answer) => answer.responseTemplates)])
          .apply(([triggers, ...templates]) => ({ ...triggers, answers: JSON.stringify(templates) }));
      },
    },
  });
  answers.push(...gatewayProblems(api));
  const shape = requestShape(api);
  const users = userPool();
  const authEnvironment = {
    AUTH_ISSUER: $interpolate`https://cognito-idp.${aws.getRegionOutput().region}.amazonaws.com/${users.pool.id}`,
    AUTH_CLIENT_ID: users.client.id,
  };
  const authorize = lambda("identity/authorize", { environment: authEnvironment, memory: "512 MB" });
  const authorizer = api.addAuthorizer({
    name: "Users",
    tokenFunction: authorize.arn,
    ttl: 300,
  });
  const apiKey = usageKey();
  const bus = new sst.aws.Bus("Bus");
  const { region, account } = {
    region: aws.getRegionOutput().region,
    account: aws.getCallerIdentityOutput().accountId,
  };
  const lost = deadLetters("LostEvents", [
    {
      service: "events.amazonaws.com",
      source: $interpolate`arn:aws:events:${region}:${account}:rule/${bus.name}/*`,
    },
  ]);
  const shared = valkey();
  const watched: Watched = {
    pattern: "platform",
    signals: shared.signals,
    functions: new Map([["identity/authorize", authorize]]),
    dlqs: { LostEvents: lost },
  };

  return {
    api,
    bus,
    lost,
    users,
    /** The key of the usage plan, for the function that hands it out. */
    apiKey: apiKey.link,
    /** What judges requests: its table, and what each function that is a route needs. */
    limits: limiting(),
    /** What caches share: their table, and what a function needs to follow changes. */
    cache: caching(),
    /** The Valkey of this stage, if it has one. */
    valkey: shared,
    authEnvironment,
    edgeKey: edgeKey(),
    watched,
    /** Every operation routed so far: throttling and documentation are made from them. */
    operations: [] as Operation[],
    /** Who may call an operation, and what a request must look like to reach its function. */
    guard: (operation: Operation) => ({
      ...(operation.auth === "required" && { auth: { custom: authorizer.id } }),
      ...(operation.apiKey && { apiKey: true }),
      transform: { method: shape(operation) },
    }),
    /** Settings of a function that events reach asynchronously: what it cannot handle is kept in `LostEvents`. */
    asynchronous: () => ({
      ...keepFailures(lost),
      permissions: [allow(["sqs:SendMessage"], lost.arn)],
    }),
    /** Closes the API: called once, after the last route. */
    close() {
      api.deploy();
      throttles(api, this.operations);
      grantUsage(api, apiKey.value);
    },
  };
}

export type Platform = ReturnType<typeof platform>;
