import { join } from "node:path";
import type { AwsRequest, AwsResponse, AwsService, Cloud } from "../../kit/cloud.ts";
import { served } from "../../kit/served.ts";
import { accountOperations } from "./account.ts";
import { adminOperations } from "./admin.ts";
import { cognitoViews } from "./console.ts";
import type { Challenge, Context, Operation } from "./context.ts";
import { describeOperations } from "./describe.ts";
import { CognitoError, errors, type Input } from "./errors.ts";
import { ensureKeys, publicKeys } from "./keys.ts";
import { createLockout } from "./lockout.ts";
import { poolsOf } from "./pools.ts";
import { signInOperations } from "./sign-in.ts";
import { signUpOperations } from "./sign-up.ts";
import { openStore, type Store } from "./store.ts";
import { claimedPool, discovery } from "./tokens.ts";
import { createUser, setPassword } from "./users.ts";

/** A user to be there from the start. */
export interface SeedUser {
  /** The e-mail address where the pool's user names are addresses. */
  readonly username: string;
  readonly password: string;
  readonly attributes?: Readonly<Record<string, string>>;
  readonly groups?: readonly string[];
}

/** Cognito user pools, and what the local cloud itself may ask of them. */
export interface CognitoService extends AwsService {
  /** Adds confirmed users; one that is there already is left as it is. */
  seedUsers(poolId: string, users: readonly SeedUser[]): Promise<void>;
}

const OPERATIONS: Record<string, Operation> = {
  ...signUpOperations,
  ...signInOperations,
  ...accountOperations,
  ...adminOperations,
  ...describeOperations,
};

const JSON_TYPE = "application/x-amz-json-1.1";

const failure = (status: number, code: string, message: string): AwsResponse => ({
  status,
  headers: { "content-type": JSON_TYPE, "x-amzn-errortype": `${code}:`, "x-amzn-errormessage": message },
  body: JSON.stringify({ __type: code, message }),
});

const publish = async (context: Context, path: string): Promise<AwsResponse> => {
  const [, poolId = "", , document] = path.split("/");
  const store = context.stores.get(poolId);
  if (!store) return failure(404, "ResourceNotFoundException", `User pool ${poolId} does not exist.`);
  const body =
    document === "jwks.json" ? await publicKeys(store) : discovery(store.pool, context.cloud.endpoint);
  return {
    status: 200,
    headers: { "content-type": "application/json", "cache-control": "public, max-age=86400" },
    body: JSON.stringify(body),
    node: store.pool.arn,
  };
};

/** The pool a call is about, for the map. */
const poolArn = ({ stores }: Context, input: Input): string | undefined => {
  const byToken = typeof input.AccessToken === "string" ? claimedPool(input.AccessToken) : undefined;
  const named = stores.get(String(input.UserPoolId ?? byToken));
  const byClient = [...stores.values()].find((s) => s.pool.clients.some((c) => c.id === input.ClientId));
  return (named ?? byClient)?.pool.arn;
};

const answer = async (context: Context, request: AwsRequest): Promise<AwsResponse> => {
  if (request.path.includes("/.well-known/")) return publish(context, request.path);
  const name = request.headers["x-amz-target"]?.split(".").at(-1) ?? "";
  const operation = Object.hasOwn(OPERATIONS, name) ? OPERATIONS[name] : undefined;
  if (!operation) {
    context.cloud.print(`✗ cognito-idp: the local user pool does not run ${name}`);
    return failure(501, "NotImplemented", `The local user pool does not run ${name}.`);
  }
  let node: string | undefined;
  try {
    const input = (JSON.parse(request.body.toString("utf8") || "{}") ?? {}) as Input;
    node = poolArn(context, input);
    const output = await operation(context, input);
    const headers = { "content-type": JSON_TYPE };
    return { status: 200, headers, body: JSON.stringify(output), ...(node ? { node } : {}) };
  } catch (error) {
    const known = error instanceof SyntaxError ? errors.parameter("The body is not JSON.") : error;
    if (!(known instanceof CognitoError)) throw error;
    return { ...failure(400, known.code, known.message), ...(node ? { node } : {}) };
  }
};

const seed = async (store: Store, user: SeedUser, { clock }: Cloud) => {
  if (store.find(user.username)) return;
  const made = createUser(store, user.username, { ...user.attributes }, "CONFIRMED", clock);
  for (const a of ["email", "phone_number"])
    if (made.attributes[a]) made.attributes[`${a}_verified`] = "true";
  made.groups = [...(user.groups ?? [])];
  await setPassword(store, made, user.password, clock);
};

/** Cognito user pools: a real OIDC issuer for the pools of the graph. */
export const cognito = async (cloud: Cloud): Promise<CognitoService> => {
  const folder = cloud.dataDir && join(cloud.dataDir, "cognito");
  const stores = new Map<string, Store>();
  for (const pool of poolsOf(cloud.graph)) stores.set(pool.id, await openStore(pool, folder));
  const context: Context = {
    cloud,
    stores,
    challenges: new Map<string, Challenge>(),
    lockout: createLockout(cloud.clock),
    startedAt: cloud.clock.now(),
  };
  return {
    name: "cognito-idp",
    handle: (request) => answer(context, request),
    operations: served("cognito-idp", OPERATIONS),
    views: cognitoViews(context),
    async start() {
      for (const store of stores.values()) await ensureKeys(store);
    },
    async stop() {
      for (const store of stores.values()) await store.flush();
    },
    async seedUsers(poolId, users) {
      const store = stores.get(poolId);
      if (!store) throw errors.noPool(poolId);
      for (const user of users) await seed(store, user, cloud);
    },
  };
};
