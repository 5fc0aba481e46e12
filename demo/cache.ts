import type { DemoContext } from "./main.ts";

const OWNER = "owner@tenfold.example";

// An entry of every kind: a plain one, one with tags, and one by each strategy, which has a record behind it.
const entries = [
  { key: "home", value: { title: "tenfold", cards: 10 }, ttl: 86_400_000, tags: ["page"] },
  { key: "about", value: { title: "About", lines: ["One", "Two"] }, ttl: 86_400_000, tags: ["page", "text"] },
  { key: "rates/EUR", value: { USD: 1.08, GBP: 0.85 }, ttl: 3_600_000, strategy: "write-through" },
  { key: "views/home", value: 1_024, ttl: 3_600_000, strategy: "write-behind" },
  { key: "users/ada", value: { name: "Ada" }, ttl: 3_600_000, strategy: "cache-aside" },
] as const;

/** A handful of entries of the first demo user, read a few times: figures of all tiers are there to see. */
export const cacheDemo = async ({ url, tokenOf }: DemoContext): Promise<void> => {
  const token = await tokenOf(OWNER);
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await fetch(`${url}/api/v1/cache/${path}`, {
      method,
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok)
      throw new Error(`The demo's ${method} ${path} was refused: ${answer.status} ${await answer.text()}`);
  };
  for (const { key, ...entry } of entries) await ask("PUT", `demo/${encodeURIComponent(key)}`, entry);
  for (let read = 0; read < 3; read++)
    for (const { key } of entries) await ask("GET", `demo/${encodeURIComponent(key)}?origin=records`);
};
