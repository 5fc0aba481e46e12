import { createRemoteJWKSet, jwtVerify } from "jose";
import type { Cloud } from "../../kit/cloud.ts";
import type { VerifyJwt } from "./authorizers.ts";

/** Verifies tokens of the graph's user pools against the key sets the local endpoint serves for them. */
export const cognitoVerifier = (cloud: Cloud): VerifyJwt => {
  const keySets = new Map<string, ReturnType<typeof createRemoteJWKSet>>();
  const keysOf = (poolId: string) => {
    const known = keySets.get(poolId);
    if (known) return known;
    const created = createRemoteJWKSet(new URL(`${cloud.endpoint}/${poolId}/.well-known/jwks.json`));
    keySets.set(poolId, created);
    return created;
  };
  return async (token, userPoolArns) => {
    for (const arn of userPoolArns) {
      const poolId = arn.split("/").at(-1) ?? "";
      const region = arn.split(":")[3] ?? cloud.graph.region;
      const issuer = [`https://cognito-idp.${region}.amazonaws.com/${poolId}`, `${cloud.endpoint}/${poolId}`];
      try {
        const currentDate = new Date(cloud.clock.now());
        const { payload } = await jwtVerify(token, keysOf(poolId), {
          issuer,
          currentDate,
          algorithms: ["RS256"],
        });
        return payload;
      } catch {
        // Not this pool's, expired, or forged: the next pool may know it.
      }
    }
    return undefined;
  };
};
