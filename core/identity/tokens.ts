import { JwtVerifier } from "aws-jwt-verify";
import { JwtBaseError } from "aws-jwt-verify/error";
import { SimpleJwksCache } from "aws-jwt-verify/jwk";
import { setting } from "#core/kit/config.ts";
import { log } from "#core/kit/log.ts";
import type { User } from "./user.schema.ts";

// The library's own fetcher speaks HTTPS only; the endpoint is configuration.
const fetchJwks = async (uri: string): Promise<ArrayBuffer> => {
  const answer = await fetch(uri, { signal: AbortSignal.timeout(3_000) });
  if (!answer.ok) throw new Error(`The issuer's keys could not be read: ${answer.status}`);
  return answer.arrayBuffer();
};

class Misused extends JwtBaseError {}

const createVerifier = () => {
  const issuer = setting("AUTH_ISSUER");
  const origin = process.env.AWS_ENDPOINT_URL ?? new URL(issuer).origin;
  return JwtVerifier.create(
    {
      issuer,
      audience: null, // Cognito's access tokens carry client_id, checked below, and no audience
      jwksUri: `${origin}${new URL(issuer).pathname}/.well-known/jwks.json`,
      customJwtCheck: ({ payload }) => {
        if (payload.token_use !== "access") throw new Misused("not an access token");
        if (payload.client_id !== setting("AUTH_CLIENT_ID")) throw new Misused("a token of another client");
      },
    },
    { jwksCache: new SimpleJwksCache({ fetcher: { fetch: fetchJwks } }) },
  );
};

let verifier: ReturnType<typeof createVerifier> | undefined;

/** The user an access token speaks for; undefined when it is expired, tampered with or not ours. */
export const verify = async (token: string): Promise<User | undefined> => {
  verifier ??= createVerifier();
  try {
    const payload = await verifier.verify(token);
    return {
      id: String(payload.sub),
      name: String(payload.username ?? payload.sub),
      groups: Array.isArray(payload["cognito:groups"]) ? payload["cognito:groups"].map(String) : [],
    };
  } catch (error) {
    // Keys that cannot be fetched say nothing about the token: that is a fault of ours, not a 401.
    if (!(error instanceof JwtBaseError)) throw error;
    log.info("token refused", { reason: error.name });
    return undefined;
  }
};

/** A user as the authorizer hands it on: API Gateway's context holds strings only. */
export const toContext = (user: User): Record<string, string> => ({
  userId: user.id,
  name: user.name,
  groups: user.groups.join(","),
});

/** The inverse of `toContext`. */
export const fromContext = (context: Record<string, unknown>): User => ({
  id: String(context.userId),
  name: String(context.name ?? ""),
  groups: String(context.groups ?? "")
    .split(",")
    .filter((group) => group !== ""),
});
