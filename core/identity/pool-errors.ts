import { CognitoIdentityProviderServiceException } from "@aws-sdk/client-cognito-identity-provider";
import { Problem } from "#core/kit/problem.ts";

type Step = "sign-up" | "confirm" | "sign-in" | "refresh";

/**
 * Runs a call to the user pool and turns its refusals into problems. Whether an account exists is told by none of them:
 * an unknown address, a wrong password and a disabled account read alike.
 */
export const mapped = async <T>(step: Step, call: () => Promise<T>): Promise<T> => {
  try {
    return await call();
  } catch (error) {
    const problem = error instanceof CognitoIdentityProviderServiceException && toProblem(step, error);
    throw problem || error;
  }
};

const toProblem = (step: Step, error: CognitoIdentityProviderServiceException): Problem | undefined => {
  switch (error.name) {
    case "TooManyRequestsException":
    case "LimitExceededException":
    case "TooManyFailedAttemptsException":
      return new Problem("quota-exceeded", "Wait a moment and try again", {
        headers: { "retry-after": "30" },
      });
    case "InvalidPasswordException":
      return wrong("/password", error.message);
    case "UsernameExistsException":
    case "AliasExistsException":
      return new Problem("account-exists", "There is an account with this e-mail");
    case "UserNotConfirmedException": // told only to who knows the password
      return new Problem("sign-in-failed", "Confirm the account first, with the code that was mailed", {
        members: { unconfirmed: true },
      });
    case "NotAuthorizedException":
    case "UserNotFoundException":
    case "CodeMismatchException":
    case "ExpiredCodeException":
    case "PasswordResetRequiredException":
    case "InvalidParameterException":
    case "UnsupportedTokenTypeException":
      return refused(step);
    default:
      return undefined;
  }
};

const refused = (step: Step): Problem => {
  if (step === "confirm") return wrong("/code", "The code is wrong, was used, or has expired");
  if (step === "sign-in") return new Problem("sign-in-failed", "The e-mail or the password is wrong");
  if (step === "sign-up") return wrong("", "The user pool does not take this e-mail and password");
  return new Problem("unauthenticated", "The session has ended: sign in again");
};

const wrong = (pointer: string, message: string) =>
  new Problem("invalid-request", message, { issues: [{ in: "body", pointer, message }] });
