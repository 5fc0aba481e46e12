import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fromContext, toContext, verify } from "./tokens.ts";

const ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_test";
const CLIENT = "web-client";

describe("an access token", () => {
  let server: Server;
  let sign: (
    claims?: JWTPayload,
    header?: { kid?: string; expires?: string; foreign?: true },
  ) => Promise<string>;
  let fetched = 0;

  beforeAll(async () => {
    const ours = await generateKeyPair("RS256");
    const foreign = await generateKeyPair("RS256");
    const keys = [{ ...(await exportJWK(ours.publicKey)), kid: "k1", alg: "RS256", use: "sig" }];
    server = createServer((request, answer) => {
      fetched++;
      const known = request.url === "/us-east-1_test/.well-known/jwks.json";
      answer
        .writeHead(known ? 200 : 404, { "content-type": "application/json" })
        .end(JSON.stringify({ keys }));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    Object.assign(process.env, {
      AUTH_ISSUER: ISSUER,
      AUTH_CLIENT_ID: CLIENT,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
    sign = (claims = {}, header = {}) =>
      new SignJWT({
        token_use: "access",
        client_id: CLIENT,
        username: "ada",
        "cognito:groups": ["admins"],
        ...claims,
      })
        .setProtectedHeader({ alg: "RS256", kid: header.kid ?? "k1" })
        .setIssuer(typeof claims.iss === "string" ? claims.iss : ISSUER)
        .setSubject("user-1")
        .setIssuedAt()
        .setExpirationTime(header.expires ?? "1h")
        .sign(header.foreign ? foreign.privateKey : ours.privateKey);
  });
  afterAll(() => {
    delete process.env.AWS_ENDPOINT_URL;
    server.close();
  });

  it("speaks for its user, and its keys are fetched once", async () => {
    for (let n = 0; n < 3; n++) {
      expect(await verify(await sign())).toEqual({ id: "user-1", name: "ada", groups: ["admins"] });
    }
    expect(fetched).toBe(1);
  });

  it.each([
    ["an ID token", () => sign({ token_use: "id" })],
    ["a token of another client", () => sign({ client_id: "other" })],
    ["an expired token", () => sign({}, { expires: "-1h" })],
    ["a token of another issuer", () => sign({ iss: "https://evil.example/pool" })],
    ["a token signed by another key", () => sign({}, { foreign: true })],
    ["a token of an unknown key", () => sign({}, { kid: "k2" })],
    ["a token without a signature", async () => `${(await sign()).split(".").slice(0, 2).join(".")}.`],
    ["nonsense", async () => "a.b.c"],
  ])("%s speaks for nobody", async (_name, token) => {
    expect(await verify(await token())).toBeUndefined();
  });

  it("survives the authorizer's context, which holds strings only", () => {
    const user = { id: "user-1", name: "ada", groups: ["admins", "staff"] };
    expect(Object.values(toContext(user)).every((value) => typeof value === "string")).toBe(true);
    expect(fromContext(toContext(user))).toEqual(user);
    expect(fromContext(toContext({ ...user, groups: [] }))).toEqual({ ...user, groups: [] });
  });
});
