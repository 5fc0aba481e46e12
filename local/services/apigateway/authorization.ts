import { type EdgeRequest, headerOf } from "../../front/exchange.ts";
import type { Cloud } from "../../kit/cloud.ts";
import type { Caller } from "../../kit/credentials.ts";
import { type Authorize, cognitoAuthorizer, lambdaAuthorizer } from "./authorizers.ts";
import { cognitoVerifier } from "./cognito.ts";
import { type Call, methodArn } from "./context.ts";
import { GatewayError } from "./gateway-errors.ts";
import type { Method, RestApi } from "./model.ts";

/** What the REST APIs need from their surroundings. */
export interface RestOptions {
  /** Verifies a SigV4 request for methods with AWS_IAM: who signed it, or why not. */
  readonly verifySigV4?: (request: EdgeRequest) => Promise<{ caller: Caller } | { error: string }>;
  /** What edge-optimised APIs report as `CloudFront-Viewer-Country`. */
  readonly viewerCountry?: string;
}

const iamAuthorizer =
  (cloud: Cloud, options: RestOptions): Authorize =>
  async (call) => {
    const presigned = call.query.single?.["X-Amz-Signature"] !== undefined;
    const claimed = presigned || headerOf(call.request.headers, "authorization") !== undefined;
    if (!options.verifySigV4 || !claimed) throw new GatewayError("MISSING_AUTHENTICATION_TOKEN");
    const outcome = await options.verifySigV4(call.request);
    if ("error" in outcome) throw new GatewayError("INVALID_SIGNATURE", { said: outcome.error });
    const { caller } = outcome;
    const arn = methodArn(call);
    const said = cloud.permissions?.refuses(caller, "execute-api:Invoke", arn);
    if (said !== undefined) throw new GatewayError("ACCESS_DENIED", { said });
    call.identity = {
      accountId: call.api.accountId,
      accessKey: caller.accessKeyId,
      caller: caller.accessKeyId,
      user: caller.accessKeyId,
      userArn: caller.roleArn ?? null,
    };
  };

/** Chooses a method's authorizer; undefined when it needs none. */
export const createAuthorize = (cloud: Cloud, api: RestApi, options: RestOptions) => {
  const verify = cognitoVerifier(cloud);
  const iam = iamAuthorizer(cloud, options);
  const byId = new Map<string, Authorize>();
  for (const [id, authorizer] of api.authorizers) {
    const cognito = authorizer.inputs.type === "COGNITO_USER_POOLS";
    byId.set(id, cognito ? cognitoAuthorizer(authorizer, verify) : lambdaAuthorizer(cloud, authorizer));
  }
  return (call: Call, method: Method): Promise<void> | undefined => {
    if (method.authorization === "NONE") return undefined;
    if (method.authorization === "AWS_IAM") return iam(call);
    const authorize = byId.get(method.authorizerId ?? "");
    if (!authorize) throw new GatewayError("AUTHORIZER_CONFIGURATION_ERROR");
    return authorize(call);
  };
};
