import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Problem } from "#core/kit/problem.ts";
import { confirm, refresh, signIn, signOut, signUp } from "./accounts.ts";

const account = { email: "ada@example.com", password: "correct horse battery" };
const idToken = `x.${Buffer.from(JSON.stringify({ sub: "user-1", email: account.email })).toString("base64url")}.y`;

describe("accounts", () => {
  let server: Server;
  let answer: { status: number; body: object } = { status: 200, body: {} };
  let asked: { target: string; authorization: string | undefined; body: Record<string, unknown> } | undefined;

  beforeAll(async () => {
    // Speaks the user pool's protocol, to refuse in every way a pool can.
    server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      const { "x-amz-target": target, authorization } = request.headers;
      asked = {
        target: String(target).split(".")[1] ?? "",
        authorization,
        body: JSON.parse(String(Buffer.concat(chunks))),
      };
      response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.1" });
      response.end(JSON.stringify(answer.body));
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    Object.assign(process.env, {
      AWS_REGION: "us-east-1",
      AUTH_CLIENT_ID: "web-client",
      AWS_ENDPOINT_URL_COGNITO_IDENTITY_PROVIDER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    });
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const refuseWith = (name: string, message = "no") => {
    answer = { status: 400, body: { __type: name, message } };
  };
  const problemOf = async (work: Promise<unknown>) => {
    const error = await work.catch((caught: unknown) => caught);
    return error instanceof Problem ? [error.kind, error.message] : error;
  };

  it("sign in to a session, by an unsigned call", async () => {
    answer = {
      status: 200,
      body: {
        AuthenticationResult: { AccessToken: "a", IdToken: idToken, RefreshToken: "r", ExpiresIn: 3600 },
      },
    };
    expect(await signIn(account)).toEqual({
      session: { access_token: "a", expires_in: 3600, user: { id: "user-1", email: account.email } },
      refreshToken: "r",
    });
    expect(asked).toMatchObject({
      target: "InitiateAuth",
      authorization: undefined,
      body: { ClientId: "web-client" },
    });
  });

  it("are told apart by no refusal: unknown, wrong password and disabled read alike", async () => {
    const refusals = [];
    for (const name of [
      "NotAuthorizedException",
      "UserNotFoundException",
      "PasswordResetRequiredException",
    ]) {
      refuseWith(name, name);
      refusals.push(JSON.stringify(await problemOf(signIn(account))));
    }
    expect(new Set(refusals)).toEqual(
      new Set([JSON.stringify(["sign-in-failed", "The e-mail or the password is wrong"])]),
    );
  });

  it("sign up alike whether the address has an account or not", async () => {
    answer = { status: 200, body: { UserConfirmed: false, UserSub: "1" } };
    const fresh = await signUp(account);
    refuseWith("UsernameExistsException");
    expect(await signUp(account)).toEqual(fresh);
  });

  it("are told why a new password is too weak", async () => {
    refuseWith("InvalidPasswordException", "Password not long enough");
    expect(await problemOf(signUp(account))).toEqual(["invalid-request", "Password not long enough"]);
  });

  it("are confirmed alike wrongly, for whatever reason", async () => {
    const refusals = new Set<string>();
    for (const name of [
      "CodeMismatchException",
      "ExpiredCodeException",
      "UserNotFoundException",
      "NotAuthorizedException",
    ]) {
      refuseWith(name);
      refusals.add(JSON.stringify(await problemOf(confirm(account.email, "123456"))));
    }
    expect(refusals.size).toBe(1);
  });

  it("are asked to wait when the pool does", async () => {
    refuseWith("LimitExceededException");
    expect(await problemOf(signUp(account))).toEqual(["quota-exceeded", expect.any(String)]);
  });

  it("cannot renew an ended session, and can end it twice", async () => {
    refuseWith("NotAuthorizedException");
    expect(await problemOf(refresh("old"))).toEqual(["unauthenticated", expect.any(String)]);
    await expect(signOut("old")).resolves.toBeUndefined();
  });

  it("that ask for a second factor are told it is not offered", async () => {
    answer = { status: 200, body: { ChallengeName: "SOFTWARE_TOKEN_MFA", Session: "s" } };
    expect(await problemOf(signIn(account))).toEqual(["sign-in-failed", expect.any(String)]);
  });
});
