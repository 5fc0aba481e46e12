import {
  type AuthFlowType,
  CognitoIdentityProviderClient,
  ConfirmSignUpCommand,
  InitiateAuthCommand,
  RevokeTokenCommand,
  SignUpCommand,
} from "@aws-sdk/client-cognito-identity-provider";
import { setting } from "#core/kit/config.ts";
import { Problem } from "#core/kit/problem.ts";
import type { Session, SignIn } from "./account.schema.ts";
import { mapped } from "./pool-errors.ts";

/** A session and, when a new one was issued, the token that renews it. */
export interface SignedIn {
  readonly session: Session;
  readonly refreshToken?: string;
}

let shared: CognitoIdentityProviderClient | undefined;

// These operations are public: the client id is all they ask for, and nothing is signed.
const pool = () => {
  shared ??= new CognitoIdentityProviderClient({
    maxAttempts: 3,
    requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000 },
  });
  return shared;
};

/** Opens an account. Says the same of an address that has one already: whether it has is nobody's business. */
export const signUp = (input: SignIn): Promise<{ confirmed: boolean }> =>
  mapped("sign-up", async () => {
    const answer = await pool().send(
      new SignUpCommand({
        ClientId: setting("AUTH_CLIENT_ID"),
        Username: input.email,
        Password: input.password,
        UserAttributes: [{ Name: "email", Value: input.email }],
      }),
    );
    return { confirmed: answer.UserConfirmed ?? false };
  }).catch((error: unknown) => {
    if (error instanceof Problem && error.kind === "account-exists") return { confirmed: false };
    throw error;
  });

/** Confirms an account by the code that was mailed. */
export const confirm = (email: string, code: string): Promise<void> =>
  mapped("confirm", async () => {
    await pool().send(
      new ConfirmSignUpCommand({
        ClientId: setting("AUTH_CLIENT_ID"),
        Username: email,
        ConfirmationCode: code,
      }),
    );
  });

/** Signs in by e-mail and password. */
export const signIn = ({ email, password }: SignIn): Promise<SignedIn> =>
  mapped("sign-in", () => start("USER_PASSWORD_AUTH", { USERNAME: email, PASSWORD: password }));

/** A new access token for a refresh token. */
export const refresh = (token: string): Promise<SignedIn> =>
  mapped("refresh", () => start("REFRESH_TOKEN_AUTH", { REFRESH_TOKEN: token }));

/** Ends a session: its refresh token, and every access token that came of it at Cognito, are worth nothing more. */
export const signOut = (token: string): Promise<void> =>
  mapped("refresh", async () => {
    await pool().send(new RevokeTokenCommand({ ClientId: setting("AUTH_CLIENT_ID"), Token: token }));
  }).catch((error: unknown) => {
    if (error instanceof Problem && error.kind === "unauthenticated") return; // it was worth nothing already
    throw error;
  });

const start = async (flow: AuthFlowType, parameters: Record<string, string>): Promise<SignedIn> => {
  const answer = await pool().send(
    new InitiateAuthCommand({
      AuthFlow: flow,
      ClientId: setting("AUTH_CLIENT_ID"),
      AuthParameters: parameters,
    }),
  );
  const result = answer.AuthenticationResult;
  if (!result?.AccessToken || !result.IdToken) {
    throw new Problem("sign-in-failed", "This account asks for a second step that is not offered here");
  }
  return {
    session: {
      access_token: result.AccessToken,
      expires_in: result.ExpiresIn ?? 3_600,
      user: readIdToken(result.IdToken),
    },
    ...(result.RefreshToken !== undefined && { refreshToken: result.RefreshToken }),
  };
};

// It comes straight from the pool over the connection we opened, so its signature tells nothing new (OpenID Connect
// Core, 3.1.3.7, point 6).
const readIdToken = (token: string) => {
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  return { id: String(claims.sub), email: String(claims.email ?? "") };
};
