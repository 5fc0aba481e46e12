import { createHmac } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as idp from "@aws-sdk/client-cognito-identity-provider";
import { JwtVerifier } from "aws-jwt-verify";
import { decodeJwt } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CognitoService, cognito } from "../../local/services/cognito/cognito.ts";
import { answerSrp, srpStart } from "./cognito-srp-client.ts";
import {
  ACCOUNT,
  clientConfig,
  graphOf,
  REGION,
  type Running,
  resource,
  startCloud,
} from "./gateway-fixture.ts";

const POOL = "eu-central-1_Ab12Cd34E";
const PASSWORD = "Correct-horse-7";
const flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"];

const appClient = (id: string, inputs: object, secret = "") =>
  resource(
    "aws:cognito/userPoolClient:UserPoolClient",
    id,
    { userPoolId: POOL, ...inputs },
    { id, clientSecret: secret },
  );

const graph = graphOf([
  resource(
    "aws:cognito/userPool:UserPool",
    "Users",
    {
      usernameAttributes: ["email"],
      autoVerifiedAttributes: ["email"],
      usernameConfiguration: { caseSensitive: false },
      adminCreateUserConfig: { allowAdminCreateUserOnly: false },
      passwordPolicy: { minimumLength: 12, requireSymbols: false },
    },
    { id: POOL, arn: `arn:aws:cognito-idp:${REGION}:${ACCOUNT}:userpool/${POOL}` },
  ),
  resource("aws:cognito/userGroup:UserGroup", "admins", { userPoolId: POOL, name: "admins" }),
  appClient("web", {
    explicitAuthFlows: flows,
    preventUserExistenceErrors: "ENABLED",
    accessTokenValidity: 30,
    tokenValidityUnits: { accessToken: "minutes" },
  }),
  appClient("legacy", { explicitAuthFlows: [...flows, "ALLOW_ADMIN_USER_PASSWORD_AUTH"] }),
  appClient("server", { explicitAuthFlows: flows, generateSecret: true }, "s3cret"),
  appClient("amplify", {}),
  appClient("rotating", {
    explicitAuthFlows: flows,
    refreshTokenRotation: { feature: "ENABLED", retryGracePeriodSeconds: 10 },
  }),
]);

describe("A user pool", () => {
  let running: Running;
  let client: idp.CognitoIdentityProviderClient;
  let dataDir: string;
  const start = async () => {
    running = await startCloud({ graph, services: [cognito], dataDir });
    // tests move the clock: the client then corrects its own and tries again
    client = new idp.CognitoIdentityProviderClient({ ...clientConfig(running), maxAttempts: 2 });
  };
  const stop = async () => {
    client.destroy();
    await running.stop();
  };
  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), "cognito-"));
    await start();
  });
  afterAll(async () => {
    await stop();
    await rm(dataDir, { recursive: true });
  });

  const service = () => running.gateway.services.get("cognito-idp") as CognitoService;
  const codeFor = (email: string) => {
    const line = running.printed.findLast((l) => l.startsWith(`✉ ${email}: code `));
    return line?.match(/code (\d{6})/)?.[1] ?? "none";
  };
  const signUp = (Username: string, Password = PASSWORD, ClientId = "web") =>
    client.send(new idp.SignUpCommand({ ClientId, Username, Password }));
  const signIn = async (
    USERNAME: string,
    PASSWORD_ = PASSWORD,
    ClientId = "web",
    more: Record<string, string> = {},
  ) =>
    client.send(
      new idp.InitiateAuthCommand({
        ClientId,
        AuthFlow: "USER_PASSWORD_AUTH",
        AuthParameters: { USERNAME, PASSWORD: PASSWORD_, ...more },
      }),
    );
  const tokens = async (email: string, ClientId = "web") => {
    await service().seedUsers(POOL, [{ username: email, password: PASSWORD }]);
    const { AuthenticationResult } = await signIn(email, PASSWORD, ClientId);
    return AuthenticationResult ?? {};
  };
  const refresh = (REFRESH_TOKEN = "", ClientId = "web") =>
    client.send(
      new idp.InitiateAuthCommand({
        ClientId,
        AuthFlow: "REFRESH_TOKEN_AUTH",
        AuthParameters: { REFRESH_TOKEN },
      }),
    );

  it("opens an account, confirms it by the code that was sent, and signs in", async () => {
    const opened = await signUp("Ann@Example.com");
    expect(opened).toMatchObject({
      UserConfirmed: false,
      UserSub: expect.stringMatching(/^[0-9a-f-]{36}$/),
      CodeDeliveryDetails: { Destination: "A***@E***", DeliveryMedium: "EMAIL", AttributeName: "email" },
    });
    await expect(signIn("ann@example.com")).rejects.toMatchObject({ name: "UserNotConfirmedException" });
    const ConfirmationCode = codeFor("Ann@Example.com");
    const confirm = { ClientId: "web", Username: "ann@example.com" };
    await expect(
      client.send(
        new idp.ConfirmSignUpCommand({
          ...confirm,
          ConfirmationCode: ConfirmationCode === "000000" ? "1" : "000000",
        }),
      ),
    ).rejects.toMatchObject({ name: "CodeMismatchException" });
    await client.send(new idp.ConfirmSignUpCommand({ ...confirm, ConfirmationCode }));
    const { AuthenticationResult } = await signIn("ANN@example.com");
    expect(AuthenticationResult).toMatchObject({
      TokenType: "Bearer",
      ExpiresIn: 1_800,
      RefreshToken: expect.any(String),
    });
    const user = await client.send(
      new idp.GetUserCommand({ AccessToken: AuthenticationResult?.AccessToken }),
    );
    expect(user.Username).toBe(opened.UserSub);
    expect(user.UserAttributes).toContainEqual({ Name: "email_verified", Value: "true" });
  });

  it("refuses a second account, a weak password and a name that is no address", async () => {
    await expect(signUp("ann@example.com")).rejects.toMatchObject({ name: "UsernameExistsException" });
    await expect(signUp("weak@example.com", "short1A")).rejects.toMatchObject({
      name: "InvalidPasswordException",
      message: "Password did not conform with policy: Password not long enough",
    });
    await expect(signUp("weak@example.com", "alllowercase1")).rejects.toThrow(
      "must have uppercase characters",
    );
    await expect(signUp("ann")).rejects.toMatchObject({ name: "InvalidParameterException" });
  });

  it("gives a new code on request, and none that still works after it has expired", async () => {
    await signUp("late@example.com");
    const first = codeFor("late@example.com");
    await client.send(
      new idp.ResendConfirmationCodeCommand({ ClientId: "web", Username: "late@example.com" }),
    );
    const second = codeFor("late@example.com");
    expect(running.printed.filter((l) => l.includes("late@example.com"))).toHaveLength(2);
    const confirm = (ConfirmationCode: string) =>
      client.send(
        new idp.ConfirmSignUpCommand({ ClientId: "web", Username: "late@example.com", ConfirmationCode }),
      );
    if (first !== second)
      await expect(confirm(first)).rejects.toMatchObject({ name: "CodeMismatchException" });
    running.clock.advance(25 * 3_600_000);
    await expect(confirm(second)).rejects.toMatchObject({ name: "ExpiredCodeException" });
  });

  it("issues tokens that a verifier accepts, with Cognito's claims", async () => {
    await service().seedUsers(POOL, [
      { username: "root@example.com", password: PASSWORD, groups: ["admins"], attributes: { name: "Root" } },
    ]);
    const { AuthenticationResult } = await signIn("root@example.com");
    const issuer = `https://cognito-idp.${REGION}.amazonaws.com/${POOL}`;
    const jwks = await (await fetch(`${running.gateway.endpoint}/${POOL}/.well-known/jwks.json`)).json();
    expect(jwks.keys).toHaveLength(2);
    expect(Object.keys(jwks.keys[0]).sort()).toEqual(["alg", "e", "kid", "kty", "n", "use"]);
    const verifier = JwtVerifier.create({ issuer, audience: null });
    verifier.cacheJwks(jwks);
    const now = Math.floor(running.clock.now() / 1_000);
    const access = await verifier.verify(AuthenticationResult?.AccessToken ?? "");
    expect(access).toMatchObject({
      iss: issuer,
      client_id: "web",
      token_use: "access",
      scope: "aws.cognito.signin.user.admin",
      username: access.sub,
      "cognito:groups": ["admins"],
      auth_time: expect.closeTo(now, -1),
      exp: Number(access.iat) + 1_800,
      jti: expect.any(String),
      origin_jti: expect.any(String),
    });
    const id = await verifier.verify(AuthenticationResult?.IdToken ?? "");
    expect(id).toMatchObject({
      aud: "web",
      token_use: "id",
      "cognito:username": access.sub,
      email: "root@example.com",
      email_verified: true,
      name: "Root",
      origin_jti: access.origin_jti,
      exp: Number(id.iat) + 3_600,
    });
    await expect(
      verifier.verify(`${AuthenticationResult?.AccessToken?.slice(0, -6)}AAAAAA`),
    ).rejects.toThrow();
  });

  it("publishes its discovery document to pages of any origin", async () => {
    const answer = await fetch(`${running.gateway.endpoint}/${POOL}/.well-known/openid-configuration`);
    expect(answer.headers.get("access-control-allow-origin")).toBe("*");
    expect(await answer.json()).toMatchObject({
      issuer: `https://cognito-idp.${REGION}.amazonaws.com/${POOL}`,
      jwks_uri: `${running.gateway.endpoint}/${POOL}/.well-known/jwks.json`,
    });
    const preflight = await fetch(running.gateway.endpoint, {
      method: "OPTIONS",
      headers: {
        origin: "https://app.example",
        "access-control-request-headers": "content-type,x-amz-target",
      },
    });
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get("access-control-allow-headers")).toBe("content-type,x-amz-target");
    expect(
      (await fetch(`${running.gateway.endpoint}/eu-central-1_nobody/.well-known/jwks.json`)).status,
    ).toBe(404);
  });

  it("refreshes a session without a new sign-in, until it is revoked", async () => {
    const first = await tokens("re@example.com");
    const again = await refresh(first.RefreshToken);
    expect(again.AuthenticationResult).not.toHaveProperty("RefreshToken");
    const [a, b] = [first.AccessToken ?? "", again.AuthenticationResult?.AccessToken ?? ""].map((t) =>
      decodeJwt(t),
    );
    expect(b).toMatchObject({ origin_jti: a?.origin_jti, auth_time: a?.auth_time });
    expect(b?.jti).not.toBe(a?.jti);
    await expect(refresh(first.RefreshToken, "legacy")).rejects.toThrow("Invalid Refresh Token");
    await client.send(new idp.RevokeTokenCommand({ ClientId: "web", Token: first.RefreshToken }));
    await expect(refresh(first.RefreshToken)).rejects.toMatchObject({ name: "NotAuthorizedException" });
    await expect(
      client.send(new idp.GetUserCommand({ AccessToken: again.AuthenticationResult?.AccessToken })),
    ).rejects.toThrow("Access Token has been revoked");
  });

  it("rotates refresh tokens where the client says so, with grace for the former", async () => {
    const first = await tokens("rot@example.com", "rotating");
    const next = (RefreshToken = "") =>
      client.send(new idp.GetTokensFromRefreshTokenCommand({ ClientId: "rotating", RefreshToken }));
    const { AuthenticationResult: second } = await next(first.RefreshToken);
    expect(second?.RefreshToken).not.toBe(first.RefreshToken);
    await next(first.RefreshToken);
    running.clock.advance(11_000);
    await expect(next(first.RefreshToken)).rejects.toMatchObject({
      name: expect.stringMatching(/NotAuthorized/),
    });
  });

  it("ends every session by a global sign-out", async () => {
    const first = await tokens("out@example.com");
    await client.send(new idp.GlobalSignOutCommand({ AccessToken: first.AccessToken }));
    await expect(refresh(first.RefreshToken)).rejects.toMatchObject({ name: "NotAuthorizedException" });
  });

  it("lets access tokens expire when the client says", async () => {
    const { AccessToken } = await tokens("exp@example.com");
    running.clock.advance(1_801_000);
    await expect(client.send(new idp.GetUserCommand({ AccessToken }))).rejects.toThrow(
      "Access Token has expired",
    );
  });

  it("changes a password for who knows the old one", async () => {
    const { AccessToken } = await tokens("pw@example.com");
    const change = (PreviousPassword: string) =>
      client.send(
        new idp.ChangePasswordCommand({ AccessToken, PreviousPassword, ProposedPassword: "Another-horse-8" }),
      );
    await expect(change("wrong")).rejects.toMatchObject({ name: "NotAuthorizedException" });
    await change(PASSWORD);
    await expect(signIn("pw@example.com")).rejects.toMatchObject({ name: "NotAuthorizedException" });
    await signIn("pw@example.com", "Another-horse-8");
  });

  it("resets a forgotten password by a code, which guessing uses up", async () => {
    await tokens("lost@example.com");
    const Username = "lost@example.com";
    await client.send(new idp.ForgotPasswordCommand({ ClientId: "web", Username }));
    const reset = (ConfirmationCode: string) =>
      client.send(
        new idp.ConfirmForgotPasswordCommand({
          ClientId: "web",
          Username,
          ConfirmationCode,
          Password: "Found-horse-99",
        }),
      );
    const wrong = codeFor(Username) === "111111" ? "222222" : "111111";
    for (let i = 0; i < 5; i++)
      await expect(reset(wrong)).rejects.toMatchObject({ name: "CodeMismatchException" });
    await expect(reset(codeFor(Username))).rejects.toMatchObject({ name: "LimitExceededException" });
    await client.send(new idp.ForgotPasswordCommand({ ClientId: "web", Username }));
    await reset(codeFor(Username));
    await signIn(Username, "Found-horse-99");
  });

  it("hides who exists where the client asks for it, and tells where it does not", async () => {
    await expect(signIn("ghost@example.com")).rejects.toMatchObject({
      name: "NotAuthorizedException",
      message: "Incorrect username or password.",
    });
    await expect(signIn("ghost@example.com", PASSWORD, "legacy")).rejects.toMatchObject({
      name: "UserNotFoundException",
    });
    const forgot = (ClientId: string) =>
      client.send(new idp.ForgotPasswordCommand({ ClientId, Username: "ghost@example.com" }));
    expect((await forgot("web")).CodeDeliveryDetails?.Destination).toBe("g***@e***");
    await expect(forgot("legacy")).rejects.toMatchObject({ name: "UserNotFoundException" });
  });

  it("locks a name after five failures, twice as long each time, whether or not anyone has it", async () => {
    await tokens("lock@example.com");
    for (const name of ["lock@example.com", "nobody@example.com"]) {
      for (let i = 0; i < 5; i++)
        await expect(signIn(name, "wrong")).rejects.toThrow("Incorrect username or password");
      await expect(signIn(name)).rejects.toThrow("Password attempts exceeded");
      running.clock.advance(1_001);
      await expect(signIn(name, "wrong")).rejects.toThrow("Incorrect username or password");
      running.clock.advance(1_001);
      await expect(signIn(name)).rejects.toThrow("Password attempts exceeded");
    }
    running.clock.advance(1_001);
    await signIn("lock@example.com");
  });

  it("judges no more than five of many guesses made at once", async () => {
    await tokens("burst@example.com");
    const results = await Promise.allSettled(
      Array.from({ length: 12 }, () => signIn("burst@example.com", "wrong")),
    );
    const reasons = results.map((r) => (r.status === "rejected" ? r.reason.message : "in"));
    expect(reasons.filter((m) => m === "Incorrect username or password.")).toHaveLength(5);
  });

  it("allows the flows of the client and no others", async () => {
    await expect(signIn("ann@example.com", PASSWORD, "amplify")).rejects.toMatchObject({
      name: "InvalidParameterException",
      message: "USER_PASSWORD_AUTH flow not enabled for this client",
    });
    await expect(signIn("ann@example.com", PASSWORD, "unknown")).rejects.toMatchObject({
      name: "ResourceNotFoundException",
    });
  });

  it("wants a secret hash where the client has a secret", async () => {
    const email = "ann@example.com";
    const SECRET_HASH = createHmac("sha256", "s3cret").update(`${email}server`).digest("base64");
    await expect(signIn(email, PASSWORD, "server")).rejects.toThrow("SECRET_HASH was not received");
    await expect(signIn(email, PASSWORD, "server", { SECRET_HASH: "AAAA" })).rejects.toThrow(
      "SecretHash does not match",
    );
    await signIn(email, PASSWORD, "server", { SECRET_HASH });
  });

  it("signs in by Secure Remote Password, which never shows the password", async () => {
    await tokens("srp@example.com");
    const attempt = async (password: string) => {
      const srp = srpStart();
      const { ChallengeParameters: challenge = {} } = await client.send(
        new idp.InitiateAuthCommand({
          ClientId: "amplify",
          AuthFlow: "USER_SRP_AUTH",
          AuthParameters: { USERNAME: "srp@example.com", SRP_A: srp.publicA },
        }),
      );
      return client.send(
        new idp.RespondToAuthChallengeCommand({
          ClientId: "amplify",
          ChallengeName: "PASSWORD_VERIFIER",
          ChallengeResponses: answerSrp(srp, POOL, password, challenge),
        }),
      );
    };
    expect((await attempt(PASSWORD)).AuthenticationResult?.TokenType).toBe("Bearer");
    await expect(attempt("wrong")).rejects.toMatchObject({ name: "NotAuthorizedException" });
  });

  it("lets an administrator make a user, who then must choose a password", async () => {
    const Username = "made@example.com";
    const email = { Name: "email", Value: Username };
    const made = await client.send(
      new idp.AdminCreateUserCommand({
        UserPoolId: POOL,
        Username,
        TemporaryPassword: "Temporary-99",
        UserAttributes: [email],
      }),
    );
    expect(made.User).toMatchObject({ UserStatus: "FORCE_CHANGE_PASSWORD", Enabled: true });
    expect(made.User?.UserCreateDate).toBeInstanceOf(Date);
    const first = await signIn(Username, "Temporary-99");
    expect(first).toMatchObject({ ChallengeName: "NEW_PASSWORD_REQUIRED", Session: expect.any(String) });
    const choose = (NEW_PASSWORD: string) =>
      client.send(
        new idp.RespondToAuthChallengeCommand({
          ClientId: "web",
          ChallengeName: "NEW_PASSWORD_REQUIRED",
          Session: first.Session,
          ChallengeResponses: { USERNAME: Username, NEW_PASSWORD },
        }),
      );
    await expect(choose("weak")).rejects.toMatchObject({ name: "InvalidPasswordException" });
    expect((await choose("My-own-horse-1")).AuthenticationResult).toBeDefined();
    await expect(choose("My-own-horse-1")).rejects.toThrow("Invalid session");
    const user = await client.send(new idp.AdminGetUserCommand({ UserPoolId: POOL, Username }));
    expect(user.UserStatus).toBe("CONFIRMED");
  });

  it("serves administrators: groups, passwords, listing, disabling, deleting", async () => {
    const who = { UserPoolId: POOL, Username: "adm@example.com" };
    await tokens("adm@example.com");
    await client.send(new idp.AdminAddUserToGroupCommand({ ...who, GroupName: "admins" }));
    await client.send(
      new idp.AdminSetUserPasswordCommand({ ...who, Password: "Set-by-admin-1", Permanent: true }),
    );
    const auth = await client.send(
      new idp.AdminInitiateAuthCommand({
        UserPoolId: POOL,
        ClientId: "legacy",
        AuthFlow: "ADMIN_USER_PASSWORD_AUTH",
        AuthParameters: { USERNAME: who.Username, PASSWORD: "Set-by-admin-1" },
      }),
    );
    expect(decodeJwt(auth.AuthenticationResult?.AccessToken ?? "")["cognito:groups"]).toEqual(["admins"]);
    const { Users } = await client.send(
      new idp.ListUsersCommand({ UserPoolId: POOL, Filter: 'email ^= "adm@"' }),
    );
    expect(Users?.map((u) => u.Attributes?.find((a) => a.Name === "email")?.Value)).toEqual([
      "adm@example.com",
    ]);
    await client.send(new idp.AdminDisableUserCommand(who));
    await expect(signIn(who.Username, "Set-by-admin-1")).rejects.toThrow("User is disabled.");
    await client.send(new idp.AdminDeleteUserCommand(who));
    await expect(client.send(new idp.AdminGetUserCommand(who))).rejects.toMatchObject({
      name: "UserNotFoundException",
    });
  });

  it("refuses an administrator's call without credentials, and says so of one it does not run", async () => {
    const call = (operation: string) =>
      fetch(running.gateway.endpoint, {
        method: "POST",
        headers: {
          "content-type": "application/x-amz-json-1.1",
          "x-amz-target": `AWSCognitoIdentityProviderService.${operation}`,
        },
        body: JSON.stringify({ UserPoolId: POOL }),
      });
    expect(await (await call("ListUsers")).json()).toMatchObject({
      __type: "MissingAuthenticationTokenException",
    });
    const unserved = await call("AssociateSoftwareToken");
    expect(unserved.status).toBe(501);
    expect(running.printed.at(-1)).toContain("AssociateSoftwareToken");
  });

  it("keeps users, keys and sessions over a restart, and no password in the clear", async () => {
    const { AccessToken, RefreshToken } = await tokens("keep@example.com");
    await stop();
    const kept = await readFile(join(dataDir, "cognito", `${POOL}.json`), "utf8");
    expect(kept).toContain("keep@example.com");
    expect(kept).not.toContain(PASSWORD);
    expect(kept).not.toContain(RefreshToken);
    await start();
    const user = await client.send(new idp.GetUserCommand({ AccessToken }));
    expect(user.UserAttributes).toContainEqual({ Name: "email", Value: "keep@example.com" });
    await refresh(RefreshToken);
    await service().seedUsers(POOL, [{ username: "keep@example.com", password: "Ignored-horse-1" }]);
    await signIn("keep@example.com");
  });

  it("tells of its pools, clients and groups as the stack declares them", async () => {
    const { UserPools } = await client.send(new idp.ListUserPoolsCommand({ MaxResults: 10 }));
    expect(UserPools).toMatchObject([{ Id: POOL, Name: "Users", CreationDate: expect.any(Date) }]);
    const { UserPool } = await client.send(new idp.DescribeUserPoolCommand({ UserPoolId: POOL }));
    expect(UserPool).toMatchObject({
      Arn: `arn:aws:cognito-idp:${REGION}:${ACCOUNT}:userpool/${POOL}`,
      UsernameAttributes: ["email"],
      UsernameConfiguration: { CaseSensitive: false },
      Policies: { PasswordPolicy: { MinimumLength: 12, RequireSymbols: false, RequireNumbers: true } },
    });
    expect(UserPool?.SchemaAttributes).toContainEqual(
      expect.objectContaining({ Name: "email_verified", AttributeDataType: "Boolean" }),
    );
    const listed = await client.send(new idp.ListUserPoolClientsCommand({ UserPoolId: POOL, MaxResults: 4 }));
    const rest = await client.send(
      new idp.ListUserPoolClientsCommand({ UserPoolId: POOL, NextToken: listed.NextToken }),
    );
    expect([listed, rest].map(({ UserPoolClients = [] }) => UserPoolClients.map((c) => c.ClientId))).toEqual([
      ["web", "legacy", "server", "amplify"],
      ["rotating"],
    ]);
    expect(rest.NextToken).toBeUndefined();
    const described = async (ClientId: string) =>
      (await client.send(new idp.DescribeUserPoolClientCommand({ UserPoolId: POOL, ClientId })))
        .UserPoolClient;
    expect(await described("web")).toMatchObject({
      AccessTokenValidity: 1_800,
      TokenValidityUnits: { AccessToken: "seconds" },
      PreventUserExistenceErrors: "ENABLED",
      ExplicitAuthFlows: flows,
    });
    expect(await described("server")).toMatchObject({ ClientSecret: "s3cret" });
    expect(await described("rotating")).toMatchObject({
      RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: 10 },
    });
    await expect(described("nobody")).rejects.toThrow("User pool client nobody does not exist.");
    const { Groups } = await client.send(new idp.ListGroupsCommand({ UserPoolId: POOL }));
    expect(Groups).toMatchObject([{ GroupName: "admins", UserPoolId: POOL }]);
    const wrong = [
      new idp.ListUserPoolsCommand({ MaxResults: 61 }),
      new idp.ListUserPoolsCommand({ MaxResults: 1, NextToken: "none" }),
    ];
    for (const command of wrong)
      await expect(client.send(command)).rejects.toMatchObject({ name: "InvalidParameterException" });
    await expect(
      client.send(new idp.DescribeUserPoolCommand({ UserPoolId: "eu-central-1_none" })),
    ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  it("will not start a pool whose settings it cannot honour", async () => {
    const triggers = { lambdaConfig: { preSignUp: "arn:aws:lambda:eu-central-1:1:function:f" } };
    const pool = resource("aws:cognito/userPool:UserPool", "P", triggers, {
      id: "eu-central-1_X",
      arn: "arn:x",
    });
    await expect(startCloud({ graph: graphOf([pool]), services: [cognito] })).rejects.toThrow(
      "triggers (preSignUp)",
    );
  });
});
