import type { APIGatewayProxyEvent } from "aws-lambda";
import * as Tokens from "#core/identity/tokens.ts";
import type { User } from "#core/identity/user.schema.ts";
import type { Operation } from "#core/kit/api.schema.ts";
import { Problem } from "#core/kit/problem.ts";
import type { Caller } from "./proxy.ts";

/**
 * Who calls. Where sign-in is required, API Gateway's authorizer has verified the token already and its context
 * names the user; where it is optional no authorizer runs (an anonymous caller has no token to cache by), so the
 * token is verified here, when there is one.
 */
export const signedIn = async (
  auth: Operation["auth"],
  event: APIGatewayProxyEvent,
  caller: Caller,
): Promise<User | undefined> => {
  if (auth === "none") return undefined;
  const context = event.requestContext.authorizer;
  if (typeof context?.userId === "string") return Tokens.fromContext(context);
  const token = /^Bearer (.+)$/i.exec(caller.headers.authorization ?? "")?.[1];
  if (auth === "optional" && caller.headers.authorization === undefined) return undefined;
  const user = token === undefined ? undefined : await Tokens.verify(token);
  if (user) return user;
  throw new Problem("unauthenticated", "The token is missing, expired or not ours: sign in again", {
    headers: { "www-authenticate": 'Bearer error="invalid_token"' },
  });
};
