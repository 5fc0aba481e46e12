import { createHash } from "node:crypto";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { Ratelimit } from "@upstash/ratelimit";
import type { Redis } from "iovalkey";
import { RateLimiterDynamo, RateLimiterMemory, RateLimiterRedis } from "rate-limiter-flexible";
import { documents } from "#core/kit/dynamo.ts";
import { openValkey } from "#core/kit/valkey.ts";
import type { Params } from "#core/limits/decision.schema.ts";
import { denials } from "#core/limits/denials.ts";
import { dynamoStore } from "#core/limits/dynamo-store.ts";
import { memoryStore } from "#core/limits/memory-store.ts";
import type { AlgorithmName } from "#core/limits/rule.schema.ts";
import { algorithms } from "#core/limits/rule.schema.ts";
import type { LimitStore } from "#core/limits/store.ts";
import { valkeyStore } from "#core/limits/valkey-store.ts";
import type { Contender } from "./contender.ts";

const sha1 = (text: string) => createHash("sha1").update(text).digest("hex");

const WINDOW_SECONDS = 60;

/** Counts what passes through an AWS client. */
const counted = (client: { middlewareStack: { add(...args: never[]): void } }) => {
  let calls = 0;
  const add = client.middlewareStack.add as (middleware: unknown, options: unknown) => void;
  add.call(
    client.middlewareStack,
    (next: (args: unknown) => unknown) => (args: unknown) => {
      calls++;
      return next(args);
    },
    { step: "initialize" },
  );
  return () => calls;
};

/** Counts the commands a client sends. */
const countedCommands = (client: Redis) => {
  let calls = 0;
  const send = client.sendCommand.bind(client);
  client.sendCommand = (...args) => {
    calls++;
    return send(...args);
  };
  return () => calls;
};

const ours = (
  store: LimitStore,
  name: string,
  algorithm: AlgorithmName,
  limit: number,
  calls?: () => number,
): Contender => {
  const params: Params = { algorithm, limit, windowMs: WINDOW_SECONDS * 1_000, burst: limit };
  return {
    store: name,
    library: "tenfold",
    algorithm,
    decide: (key) =>
      store
        .take([{ key: `${algorithm}:${key}`, params, cost: 1 }], Date.now())
        .then(([decision]) => decision?.allowed === true),
    ...(calls && { calls }),
  };
};

const flexible = (
  store: string,
  limiter: { consume(key: string): Promise<unknown> },
  calls?: () => number,
): Contender => ({
  store,
  library: "rate-limiter-flexible",
  algorithm: "fixed-window",
  decide: (key) =>
    limiter.consume(key).then(
      () => true,
      (refused: unknown) => {
        if (refused instanceof Error) throw refused;
        return false;
      },
    ),
  ...(calls && { calls }),
});

const upstash = (client: Redis, limit: number, calls: () => number, prefix: string): Contender[] => {
  // Its own client speaks HTTP to its own service: the same scripts, over the protocol that all others here speak, and without
  // the first line, a flag that only its service knows.
  const shas = new Map<string, string>();
  const redis = {
    evalsha: async (sha: string, keys: string[], args: unknown[]) => {
      const known = shas.get(sha);
      if (known === undefined) throw new Error("NOSCRIPT");
      return client.evalsha(known, keys.length, ...keys, ...args.map(String));
    },
    eval: (script: string, keys: string[], args: unknown[]) => {
      const plain = script.replace(/^#!lua[^\n]*\n/, "");
      shas.set(sha1(script), sha1(plain));
      return client.eval(plain, keys.length, ...keys, ...args.map(String));
    },
    get: (key: string) => client.get(key),
    set: (key: string, value: string) => client.set(key, value),
  };
  const kinds = {
    "fixed-window": Ratelimit.fixedWindow(limit, "60 s"),
    "sliding-window-counter": Ratelimit.slidingWindow(limit, "60 s"),
    "token-bucket": Ratelimit.tokenBucket(limit, "60 s", limit),
  };
  return Object.entries(kinds).map(([algorithm, limiter]) => {
    const ratelimit = new Ratelimit({
      redis: redis as never,
      limiter,
      prefix: `${prefix}:${algorithm}`,
      analytics: false,
      ephemeralCache: new Map(),
    });
    return {
      store: "Valkey",
      library: "@upstash/ratelimit",
      algorithm,
      decide: (key: string) => ratelimit.limit(key).then(({ success }) => success),
      calls,
    };
  });
};

/** Every limiter there is to compare, at so many a minute. */
export const limiters = async (
  limit: number,
  table: string,
  valkeyUrl: string,
): Promise<{ readonly all: readonly Contender[]; stop(): void }> => {
  const prefix = `bench-${limit}`;
  // The same client for all, settings and tuning alike.
  const valkey = await openValkey({ nodes: [valkeyUrl], mode: "single" });
  const peers = await openValkey({ nodes: [valkeyUrl], mode: "single" });
  const own = valkey.clients[0] as Redis;
  const theirs = peers.clients[0] as Redis;
  const ownCalls = countedCommands(own);
  const theirCalls = countedCommands(theirs);
  const dynamo = new DynamoDB({});
  const dynamoCalls = counted(dynamo as never);
  const documentCalls = counted(documents() as never);
  const points = { points: limit, duration: WINDOW_SECONDS, keyPrefix: prefix };
  // denials are remembered in this process, as ours are
  const remembered = { ...points, inMemoryBlockOnConsumed: limit };
  const flexibleDynamo = await new Promise<RateLimiterDynamo>((resolve) => {
    const made: RateLimiterDynamo = new RateLimiterDynamo(
      { ...remembered, storeClient: dynamo, tableName: `${prefix}-flexible` },
      () => resolve(made),
    );
  });
  const onDynamo = denials(dynamoStore(table));
  const onValkey = denials(valkeyStore(() => valkey, { prefix }));
  return {
    all: [
      ...algorithms.map((algorithm) => ours(memoryStore(), "memory", algorithm, limit)),
      flexible("memory", new RateLimiterMemory(points)),
      ...algorithms.map((algorithm) => ours(onDynamo, "DynamoDB Local", algorithm, limit, documentCalls)),
      flexible("DynamoDB Local", flexibleDynamo, dynamoCalls),
      ...algorithms.map((algorithm) => ours(onValkey, "Valkey", algorithm, limit, ownCalls)),
      // its RateLimiterValkey asks for Valkey 8's `server.call`, which Debian's server does not know
      flexible("Valkey", new RateLimiterRedis({ ...remembered, storeClient: theirs }), theirCalls),
      ...upstash(theirs, limit, theirCalls, prefix),
    ],
    stop: () => {
      valkey.close();
      peers.close();
      dynamo.destroy();
    },
  };
};
