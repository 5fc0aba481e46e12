import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openLedger } from "./ledger.ts";

describe("a ledger", () => {
  let folder: string;
  const file = () => join(folder, "deep", "log.jsonl");
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "ledger-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("gives back what was committed, in order, without what was removed", async () => {
    const ledger = openLedger(file());
    const table = ledger.table<{ n: number }>("things");
    for (const n of [1, 2, 3]) table.set(String(n), { n });
    table.delete("2");
    ledger.table("others").set("x", "y");
    await ledger.committed();
    const again = openLedger(file());
    expect([...again.table<{ n: number }>("things").values()]).toEqual([{ n: 1 }, { n: 3 }]);
    expect(again.table("others").get("x")).toBe("y");
  });

  it("drops a line that a kill cut short, and names a file that is damaged elsewhere", async () => {
    const ledger = openLedger(file());
    ledger.table("t").set("a", 1);
    await ledger.committed();
    appendFileSync(file(), '["t","b",');
    expect([...openLedger(file()).table("t").entries()]).toEqual([["a", 1]]);
    appendFileSync(file(), "\0half\n");
    expect(() => openLedger(file())).toThrow(/log\.jsonl is damaged \(line 2.*--reset/s);
    rmSync(file());
    openLedger(file());
    appendFileSync(file(), "{}\n");
    expect(() => openLedger(file())).toThrow("line 1 is no entry");
  });

  it("does not grow with what is overwritten, and can be read by its owner alone", async () => {
    const ledger = openLedger(file());
    const table = ledger.table<number>("t");
    for (let n = 0; n < 50_000; n++) table.set("same", n);
    await ledger.committed();
    table.set("same", -1);
    await ledger.committed();
    expect(readFileSync(file(), "utf8").split("\n").length).toBeLessThan(10);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(openLedger(file()).table("t").get("same")).toBe(-1);
  });

  it("quotes nothing of a damaged line, which may be a secret", async () => {
    openLedger(file());
    appendFileSync(file(), '["secrets","a",hunter2]\n["t","b",1]\n');
    const opened = () => openLedger(file());
    expect(opened).toThrow("line 1 is no JSON");
    expect(opened).not.toThrow("hunter2");
  });

  it("refuses a value that cannot be written, and goes on without it", async () => {
    const ledger = openLedger(file());
    const table = ledger.table<unknown>("t");
    const deep = JSON.parse(`${"[".repeat(100_000)}${"]".repeat(100_000)}`);
    expect(() => table.set("deep", deep)).toThrow(RangeError);
    for (let n = 0; n < 30_000; n++) table.set("same", n);
    await ledger.committed();
    expect([...openLedger(file()).table("t").entries()]).toEqual([["same", 29_999]]);
  });

  it("keeps nothing on disk without a file", async () => {
    const ledger = openLedger();
    ledger.table("t").set("a", 1);
    await ledger.committed();
    expect(ledger.table("t").get("a")).toBe(1);
  });
});
