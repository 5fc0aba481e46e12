import { byType, type Resource } from "../../graph/graph.ts";
import { type Context, clientNamed, type Operation, poolNamed } from "./context.ts";
import { errors, type Input, maybe, text } from "./errors.ts";
import type { ClientSettings, PoolSettings } from "./pools.ts";
import { type Fields, schemaOf, spelled } from "./schema.ts";
import type { Store } from "./store.ts";

// Pools, clients and groups as the stacks declare them: read here, made and changed there.

const MOST = 60;

/** One page of a list; `size` is the field that states its length. */
const page = <T>(all: readonly T[], input: Input, size: "MaxResults" | "Limit") => {
  const limit = input[size] ?? MOST;
  if (typeof limit !== "number" || !Number.isInteger(limit) || limit < 1 || limit > MOST)
    throw errors.parameter(
      `1 validation error detected: Value '${limit}' at '${size === "Limit" ? "limit" : "maxResults"}' failed to satisfy constraint: Member must have value between 1 and ${MOST}`,
    );
  const token = maybe(input, "NextToken");
  const at =
    token === undefined ? "0" : /^page:(\d{1,9})$/.exec(Buffer.from(token, "base64").toString())?.[1];
  if (at === undefined) throw errors.parameter("Invalid pagination token.");
  const to = Number(at) + limit;
  const NextToken = to < all.length ? Buffer.from(`page:${to}`).toString("base64") : undefined;
  return { items: all.slice(Number(at), to), next: NextToken === undefined ? {} : { NextToken } };
};

/** Some fields of a resource, under the API's names. */
const picked = (inputs: Fields, names: string): Fields =>
  Object.fromEntries(
    names
      .split(/\s+/)
      .filter((name) => inputs[name] !== undefined && inputs[name] !== null)
      .map((name) => [
        name.slice(0, 1).toUpperCase() +
          name.slice(1).replace(/Urls$/, "URLs").replace("Oauth", "OAuth").replace(/Uri$/, "URI"),
        spelled(inputs[name]),
      ]),
  );

const resourceOf = ({ cloud }: Context, type: string, id: string): Resource | undefined =>
  byType(cloud.graph, type).find((resource) => resource.id === id);

const nameOf = (context: Context, { id }: PoolSettings): string => {
  const found = resourceOf(context, "aws:cognito/userPool:UserPool", id);
  return String(found?.outputs.name ?? found?.inputs.name ?? found?.name ?? id);
};

/** Nothing says when a pool was first deployed: it is as old as this run. */
const dates = ({ startedAt }: Context) => ({
  CreationDate: startedAt / 1_000,
  LastModifiedDate: startedAt / 1_000,
});

const emailOf = ({ fromEmailAddress, ...rest }: Fields): object => ({
  EmailSendingAccount: "COGNITO_DEFAULT",
  ...picked(rest, "emailSendingAccount sourceArn configurationSet replyToEmailAddress"),
  ...(fromEmailAddress ? { From: fromEmailAddress } : {}),
});

const describePool = (context: Context, { pool, state }: Store): object => {
  const inputs = resourceOf(context, "aws:cognito/userPool:UserPool", pool.id)?.inputs ?? {};
  return {
    Id: pool.id,
    Name: nameOf(context, pool),
    Arn: pool.arn,
    ...dates(context),
    Policies: { PasswordPolicy: spelled(pool.policy) },
    DeletionProtection: inputs.deletionProtection ?? "INACTIVE",
    LambdaConfig: {},
    SchemaAttributes: schemaOf(inputs),
    AutoVerifiedAttributes: pool.autoVerified,
    ...(pool.aliasAttributes.length > 0 ? { AliasAttributes: pool.aliasAttributes } : {}),
    ...(pool.usernameAttributes.length > 0 ? { UsernameAttributes: pool.usernameAttributes } : {}),
    MfaConfiguration: inputs.mfaConfiguration ?? "OFF",
    EstimatedNumberOfUsers: state.users.length,
    EmailConfiguration: emailOf((inputs.emailConfiguration ?? {}) as Fields),
    UserPoolTags: inputs.tags ?? {},
    AdminCreateUserConfig: { AllowAdminCreateUserOnly: pool.adminOnly },
    UsernameConfiguration: { CaseSensitive: pool.caseSensitive },
    ...picked(inputs, "accountRecoverySetting userPoolTier"),
  };
};

const describeClient = (context: Context, { pool }: Store, client: ClientSettings): object => {
  const inputs = resourceOf(context, "aws:cognito/userPoolClient:UserPoolClient", client.id)?.inputs ?? {};
  const { rotationGrace } = client;
  return {
    UserPoolId: pool.id,
    ClientName: client.name,
    ClientId: client.id,
    ...(client.secret === undefined ? {} : { ClientSecret: client.secret }),
    ...dates(context),
    ExplicitAuthFlows: [...client.flows],
    // in one unit, whatever the stack wrote: what a client reads with its unit is what holds
    AccessTokenValidity: client.accessSeconds,
    IdTokenValidity: client.idSeconds,
    RefreshTokenValidity: client.refreshSeconds,
    TokenValidityUnits: { AccessToken: "seconds", IdToken: "seconds", RefreshToken: "seconds" },
    PreventUserExistenceErrors: client.hidesUsers ? "ENABLED" : "LEGACY",
    EnableTokenRevocation: true,
    AuthSessionValidity: 3,
    AllowedOAuthFlowsUserPoolClient: inputs.allowedOauthFlowsUserPoolClient ?? false,
    ...picked(
      inputs,
      `readAttributes writeAttributes supportedIdentityProviders callbackUrls logoutUrls defaultRedirectUri
       allowedOauthFlows allowedOauthScopes`,
    ),
    ...(rotationGrace === undefined
      ? {}
      : { RefreshTokenRotation: { Feature: "ENABLED", RetryGracePeriodSeconds: rotationGrace } }),
  };
};

const listPools: Operation = (context, input) => {
  if (input.MaxResults === undefined)
    throw errors.parameter(
      "1 validation error detected: Value null at 'maxResults' failed to satisfy constraint: Member must not be null",
    );
  const { items, next } = page([...context.stores.values()], input, "MaxResults");
  const UserPools = items.map(({ pool }) => ({
    Id: pool.id,
    Name: nameOf(context, pool),
    LambdaConfig: {},
    ...dates(context),
  }));
  return { UserPools, ...next };
};

const listClients: Operation = (context, input) => {
  const { pool } = poolNamed(context, input);
  const { items, next } = page(pool.clients, input, "MaxResults");
  const UserPoolClients = items.map(({ id, name }) => ({
    ClientId: id,
    UserPoolId: pool.id,
    ClientName: name,
  }));
  return { UserPoolClients, ...next };
};

const listGroups: Operation = (context, input) => {
  const { pool } = poolNamed(context, input);
  const declared = byType(context.cloud.graph, "aws:cognito/userGroup:UserGroup").filter(
    ({ inputs }) => inputs.userPoolId === pool.id,
  );
  const { items, next } = page(declared, input, "Limit");
  const Groups = items.map(({ inputs }) => ({
    GroupName: inputs.name,
    UserPoolId: pool.id,
    ...picked(inputs, "description roleArn precedence"),
    ...dates(context),
  }));
  return { Groups, ...next };
};

/** What tells of pools, clients and groups. */
export const describeOperations: Record<string, Operation> = {
  ListUserPools: listPools,
  DescribeUserPool: (context, input) => ({ UserPool: describePool(context, poolNamed(context, input)) }),
  ListUserPoolClients: listClients,
  DescribeUserPoolClient: (context, input) => {
    const asked = poolNamed(context, input);
    const id = text(input, "ClientId");
    const { store, client } = clientNamed(context, id);
    if (store !== asked) throw errors.noClient(id);
    return { UserPoolClient: describeClient(context, store, client) };
  },
  ListGroups: listGroups,
};
