import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Operation } from "../../core/kit/api.schema.ts";
import { parse, problemKinds } from "../../core/kit/problem.ts";
import { limitsApi } from "../../core/limits/api.schema.ts";
import { algorithms, Rule, scopes } from "../../core/limits/rule.schema.ts";
import { define } from "../../core/limits/rules.ts";
import { call } from "../kit/http.ts";
import { startLimits } from "../kit/limits.ts";
import { newUser } from "../kit/shortener.ts";

const RUNS = 80;
const FUNCTIONS = join(import.meta.dirname, "../../functions");
const operations = Object.entries(limitsApi) as [string, Operation][];

const nasty = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.constantFrom("__proto__", "constructor", "ban/x", "app", "a\0b", "\uD800", "", " ", "x".repeat(10_240)),
  fc.constantFrom("::ffff:1.2.3.4", "fe80::1%eth0", "1.2.3.4/33", "0.0.0.0/0", "-1", "1e999", "NaN"),
);
const number = fc.constantFrom(-1, 0, 0.5, 1, 7, 1_000_001, 2 ** 53, Number.MAX_VALUE);
const name = fc.oneof(fc.constantFrom("known", "by-address", "nobodys"), nasty);
const value = fc.oneof(nasty, number, fc.jsonValue({ maxDepth: 2 }));

const bodies = fc.oneof(
  fc.record({ rule: name, key: nasty, cost: number }, { requiredKeys: [] }),
  fc.record({ rule: fc.constantFrom("known", "by-address"), key: nasty }),
  fc.record(
    {
      name,
      algorithm: fc.constantFrom(...algorithms),
      limit: number,
      window: number,
      burst: number,
      scope: fc.constantFrom(...scopes),
      lease: number,
      mode: value,
      ban: value,
    },
    { requiredKeys: ["name", "algorithm", "limit", "window", "scope"] },
  ),
  fc.record(
    { kind: fc.constantFrom("user", "ip", "cidr", "api-key", "key"), value: nasty, until: nasty },
    {
      requiredKeys: ["kind", "value"],
    },
  ),
  fc.dictionary(fc.constantFrom("rule", "key", "cost", "name", "__proto__"), value, { maxKeys: 4 }),
  fc.constantFrom("{", "[]", "null", "x".repeat(2_000_000)),
);
const requests = fc.record({
  body: bodies,
  params: fc.record({ name, list: fc.oneof(fc.constantFrom("allow", "deny"), nasty) }),
  query: fc.dictionary(
    fc.constantFrom("key", "rule", "owner", "kind", "value", "x"),
    fc.oneof(nasty, fc.constantFrom("you", "app", "known", "ip", "cidr")),
    { maxKeys: 4 },
  ),
});

describe("hostile requests to the limiter are answered with a problem document, never with a 5xx", () => {
  const user = newUser();
  let world: Awaited<ReturnType<typeof startLimits>>;
  beforeAll(async () => {
    process.env.SST_RESOURCE_LimitsUsageKey = JSON.stringify({ value: "k", type: "sst.sst.Linkable" });
    world = await startLimits();
  });
  afterAll(() => world.stop());

  it.each(operations)("%s", async (_name, operation) => {
    const base = { algorithm: "token-bucket", limit: 1_000, window: 60 };
    await define(user, "you", parse(Rule, { ...base, name: "known", scope: "user" }));
    await define(user, "you", parse(Rule, { ...base, name: "by-address", scope: "ip" }));
    const { handler } = await import(/* @vite-ignore */ join(FUNCTIONS, `${operation.handler}.ts`));
    await fc.assert(
      fc.asyncProperty(requests, async ({ body, params, query }) => {
        const { status, headers, json, text } = await call(handler, {
          method: operation.method,
          path: operation.path,
          query,
          user,
          ...(operation.params && { params }),
          ...(operation.body && { body, headers: { "content-type": "application/json" } }),
        });
        expect(status, text.slice(0, 300)).toBeLessThan(500);
        if (status < 400) {
          expect(Object.keys(operation.replies)).toContain(String(status));
          return;
        }
        expect(headers["content-type"]).toBe("application/problem+json");
        expect(problemKinds).toHaveProperty(String(json.type).replace("/api/v1/problems#", ""));
      }),
      { numRuns: RUNS },
    );
  });
});
