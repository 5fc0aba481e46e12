import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../kit/clock.ts";
import { type Letter, openOutbox } from "./outbox.ts";

describe("an outbox", () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "outbox-"));
    file = join(folder, "outbox.jsonl");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const open = (send: (letter: Letter) => Promise<void>) => {
    const [clock, lost, full] = [systemClock(), [] as Letter[], [] as unknown[]];
    const outbox = openOutbox({
      file,
      clock,
      send,
      lost: (letter) => void lost.push(letter),
      full: (error) => void full.push(error),
    });
    const post = (body: string, lane = "k") =>
      outbox.post({ target: "arn", lane, body, source: "bucket", at: clock.now() });
    return { outbox, clock, post, lost, full };
  };

  it("sends what it took in an earlier life, in order, and forgets it then", async () => {
    const first = open(async () => {});
    for (const body of ["a", "b", "c"]) first.post(body);
    first.outbox.stop(); // it was never started
    const sent: string[] = [];
    const second = open(async ({ body }) => void sent.push(body));
    second.outbox.start();
    await expect.poll(() => second.outbox.waiting()).toBe(0);
    second.outbox.stop();
    expect(sent).toEqual(["a", "b", "c"]);
    const third = open(async () => {});
    expect(third.outbox.waiting()).toBe(0);
    third.outbox.stop();
  });

  it("holds up a key's later letters while the first is refused, and no other key's", async () => {
    const sent: string[] = [];
    let refusals = 2;
    const { outbox, post, clock } = open(async ({ body }) => {
      if (body === "a1" && refusals-- > 0) throw new Error("throttled");
      sent.push(body);
    });
    outbox.start();
    for (const [body, lane] of [
      ["a1", "a"],
      ["a2", "a"],
      ["b1", "b"],
    ] as const)
      post(body, lane);
    await expect.poll(() => sent).toEqual(["b1"]);
    await expect
      .poll(() => {
        clock.advance(1_000);
        return sent;
      })
      .toEqual(["b1", "a1", "a2"]);
    outbox.stop();
  });

  it("sends all the same where the disk takes no note of it, and says so", async () => {
    symlinkSync("/dev/full", file);
    const sent: string[] = [];
    const { outbox, post, full } = open(async ({ body }) => void sent.push(body));
    outbox.start();
    post("a");
    post("b");
    await expect.poll(() => outbox.waiting()).toBe(0);
    expect(sent).toEqual(["a", "b"]);
    expect(String(full[0])).toContain("ENOSPC");
    outbox.stop();
  });

  it("keeps its log short, however many letters pass", async () => {
    const { outbox, post } = open(async () => {});
    outbox.start();
    for (let at = 0; at < 12_000; at++) post(String(at), String(at % 100));
    await expect.poll(() => outbox.waiting(), { timeout: 20_000 }).toBe(0);
    post("last");
    outbox.stop();
    expect(readFileSync(file, "utf8").split("\n").length).toBeLessThan(22_000);
  });
});
