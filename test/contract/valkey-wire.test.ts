import type { Redis } from "iovalkey";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openValkey, type Valkey } from "../../core/kit/valkey.ts";
import { type Server, startValkey } from "../kit/valkey.ts";

let server: Server;
let valkey: Valkey;
beforeAll(async () => {
  server = await startValkey();
  valkey = await openValkey({ nodes: [server.url], mode: "single" });
});
afterAll(async () => {
  valkey.close();
  await server.stop();
});
const client = () => valkey.clients[0] as Redis;

describe("the wire of a client", () => {
  it("answers all that was sent within one turn, each by itself", async () => {
    const sent = Array.from({ length: 1_000 }, (_, n) =>
      n % 3 === 0
        ? client().set(`k${n}`, `${n}`)
        : n % 3 === 1
          ? client().get(`k${n - 1}`)
          : client().hget("k0", "x"),
    );
    const answers = await Promise.allSettled(sent);
    expect(answers[999]).toEqual({ status: "fulfilled", value: "OK" });
    expect(answers[997]).toEqual({ status: "fulfilled", value: "996" });
    expect(answers[998]).toMatchObject({ status: "rejected", reason: { name: "ReplyError" } });
    expect(answers.filter(({ status }) => status === "rejected")).toHaveLength(333);
  });

  it("fails a command that takes too long, and serves those that come after it", async () => {
    await expect(client().blpop("nobody-pushes", 3)).rejects.toThrow("Command timed out");
    await expect.poll(() => client().ping(), { timeout: 10_000 }).toBe("PONG");
  });
});
