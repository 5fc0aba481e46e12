import type { Rule } from "../core/limits/rule.schema.ts";
import type { DemoContext } from "./main.ts";
import { users } from "./users.ts";

const [OWNER, , MODERATOR] = users;

// One rule of each kind of thing a limiter is for.
const rules: readonly (Partial<Rule> & Pick<Rule, "name" | "algorithm" | "limit" | "window" | "scope">)[] = [
  { name: "api-calls", algorithm: "gcra", limit: 600, window: 60, burst: 60, scope: "user", lease: 20 },
  { name: "sms", algorithm: "sliding-window-log", limit: 5, window: 3_600, scope: "user" },
  {
    ...{
      name: "log-ins",
      algorithm: "fixed-window",
      limit: 10,
      window: 900,
      scope: "ip",
      onFailure: "closed",
    },
    ban: { after: 20, within: 3_600, for: 3_600 },
  },
  { name: "uploads", algorithm: "leaky-queue", limit: 60, window: 60, burst: 10, scope: "tenant" },
  {
    name: "search",
    algorithm: "sliding-window-counter",
    limit: 100,
    window: 60,
    scope: "ip",
    mode: "shadow",
  },
];

/** Everybody who tries the app out on one machine comes from one address, and floods it on purpose: its own limit on creations is raised. */
const creations = {
  ...{ name: "anonymous-creation", algorithm: "token-bucket", scope: "ip" },
  ...{ limit: 60_000, window: 60, burst: 20_000, lease: 50 },
};

/** A handful of rules of the first demo user, a few checks by them, and room for experiments. */
export const limitsDemo = async ({ url, tokenOf }: DemoContext): Promise<void> => {
  const [owner, moderator] = [await tokenOf(OWNER.email), await tokenOf(MODERATOR.email)];
  const send = async (method: string, path: string, token: string, body?: unknown, key = "") => {
    const answer = await fetch(`${url}/api/v1/limits/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(key && { "x-api-key": key }),
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`The demo's ${method} ${path} was refused: ${answer.status} ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  await send("PUT", "rules?owner=app", moderator, creations);
  for (const rule of rules) await send("PUT", "rules", owner, rule);
  await send("PUT", "lists/deny", owner, { kind: "cidr", value: "203.0.113.0/24" });
  await send("PUT", "lists/allow", owner, { kind: "user", value: "customer-1" });
  const { api_key } = await send("GET", "api-key", owner);
  for (let n = 0; n < 7; n++) {
    await send("POST", "check", owner, { rule: "sms", key: "customer-7" }, String(api_key));
  }
};
