import type { AwsResponse } from "../kit/cloud.ts";
import type { Spoken } from "./protocol.ts";

/** Operations that AWS's models mark `auth: none`: browsers call them without keys. */
const COGNITO = new Set([
  "AssociateSoftwareToken",
  "ChangePassword",
  "ConfirmDevice",
  "ConfirmForgotPassword",
  "ConfirmSignUp",
  "DeleteUser",
  "DeleteUserAttributes",
  "ForgetDevice",
  "ForgotPassword",
  "GetDevice",
  "GetTokensFromRefreshToken",
  "GetUser",
  "GetUserAttributeVerificationCode",
  "GetUserAuthFactors",
  "GlobalSignOut",
  "InitiateAuth",
  "ListDevices",
  "ResendConfirmationCode",
  "RespondToAuthChallenge",
  "RevokeToken",
  "SetUserMFAPreference",
  "SetUserSettings",
  "SignUp",
  "UpdateDeviceStatus",
  "UpdateUserAttributes",
  "VerifySoftwareToken",
  "VerifyUserAttribute",
]);

/** Links in messages of SNS, which people and endpoints follow. */
const SNS = new Set(["ConfirmSubscription", "Unsubscribe"]);
const SNS_CERTIFICATE = /^\/SimpleNotificationService-[0-9a-f]{32}\.pem$/;

/** Links in mails, which readers follow: each carries a proof of its own. */
const MAIL = "/_aws/ses/";

const WELL_KNOWN = /^\/[\w-]+_[0-9A-Za-z]+\/\.well-known\/(jwks\.json|openid-configuration)$/;

/** The service that takes this call without a signature; undefined when AWS would demand one. */
export const unsignedService = (method: string, path: string, spoken: Spoken): string | undefined => {
  if (spoken.target === "AWSCognitoIdentityProviderService" && COGNITO.has(spoken.operation))
    return "cognito-idp";
  if (spoken.protocol === "query" && SNS.has(spoken.operation)) return "sns";
  if (method === "GET" && SNS_CERTIFICATE.test(path)) return "sns";
  if (path.startsWith(MAIL)) return "ses";
  return (method === "GET" || method === "HEAD") && WELL_KNOWN.test(path) ? "cognito-idp" : undefined;
};

/** Headers by which AWS lets a page of any origin call; `requested` is what a preflight asks for. */
export const corsHeaders = (requested: string | undefined): Record<string, string> => ({
  "access-control-allow-origin": "*",
  "access-control-expose-headers": "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date",
  ...(requested
    ? {
        "access-control-allow-methods": "GET,POST,HEAD,OPTIONS",
        "access-control-allow-headers": requested,
        "access-control-max-age": "172800",
      }
    : {}),
});

/** The answer to a preflight for services whose pages may come from anywhere; `asked` is what the page wants to send. */
export const preflight = (asked: string | undefined): AwsResponse => ({
  status: 200,
  headers: corsHeaders(asked ?? "content-type,x-amz-target"),
});
