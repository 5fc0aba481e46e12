/** An error as Cognito names and words it: clients show the words, and tests compare them. */
export class CognitoError extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.name = code;
    this.code = code;
  }
}

/** The errors that more than one operation answers. */
export const errors = {
  wrongPassword: () => new CognitoError("NotAuthorizedException", "Incorrect username or password."),
  noUser: () => new CognitoError("UserNotFoundException", "User does not exist."),
  notConfirmed: () => new CognitoError("UserNotConfirmedException", "User is not confirmed."),
  disabled: () => new CognitoError("NotAuthorizedException", "User is disabled."),
  tooMany: () => new CognitoError("NotAuthorizedException", "Password attempts exceeded"),
  wrongCode: () =>
    new CognitoError("CodeMismatchException", "Invalid verification code provided, please try again."),
  expiredCode: () =>
    new CognitoError("ExpiredCodeException", "Invalid code provided, please request a code again."),
  limit: () =>
    new CognitoError("LimitExceededException", "Attempt limit exceeded, please try after some time."),
  parameter: (message: string) => new CognitoError("InvalidParameterException", message),
  refused: (message: string) => new CognitoError("NotAuthorizedException", message),
  noPool: (id: string) => new CognitoError("ResourceNotFoundException", `User pool ${id} does not exist.`),
  noClient: (id: string) =>
    new CognitoError("ResourceNotFoundException", `User pool client ${id} does not exist.`),
};

/** A call's input, unparsed. */
export type Input = Readonly<Record<string, unknown>>;

/** A string that must be there. */
export const text = (input: Input, name: string): string => {
  const value = input[name];
  if (typeof value !== "string" || value === "") throw errors.parameter(`Missing required parameter ${name}`);
  return value;
};

/** A string that may be there. */
export const maybe = (input: Input | undefined, name: string): string | undefined => {
  const value = input?.[name];
  return typeof value === "string" && value !== "" ? value : undefined;
};
