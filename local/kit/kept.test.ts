import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openStore } from "../services/cognito/store.ts";
import { createCheckpoint } from "../services/dynamodb/checkpoints.ts";
import { readJournal } from "../services/sqs/journal.ts";
import { readKept } from "./kept.ts";

describe("kept data", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "kept-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (text: string) => writeFileSync(join(folder, "one.json"), text);

  it("is nothing before it is first written", () => {
    expect(readKept(join(folder, "one.json"))).toBeUndefined();
  });

  it.each(['{"half', "5", "[]", "null"])("that is damaged (%s) is named, with what to do", (text) => {
    write(text);
    expect(() => readKept(join(folder, "one.json"))).toThrow(/one\.json is damaged.*--reset/);
  });

  it("of a user pool or a stream is never thrown away in silence", async () => {
    write('{"half');
    const pool = { id: "one" } as Parameters<typeof openStore>[0];
    await expect(openStore(pool, folder)).rejects.toThrow("one.json is damaged");
    await expect(createCheckpoint(folder, "one").load("stream")).rejects.toThrow("one.json is damaged");
  });

  it("of a queue survives lines that are none of its own", () => {
    const message = { id: "m", body: "kept", state: "ready" };
    const lines = [
      "{}",
      "5",
      "null",
      "[]",
      '["s","q"]',
      '["s","q",{}]',
      "\0half",
      JSON.stringify(["s", "q", message]),
    ];
    write(lines.join("\n"));
    expect([...(readJournal(join(folder, "one.json")).get("q")?.messages.values() ?? [])]).toEqual([message]);
  });
});
