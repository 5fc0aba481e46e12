import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Entry, openJournal } from "./journal.ts";

const drop = (key: string): Entry => ["drop", key, "null"];

describe("a journal", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "journal-"));
    path = join(folder, "journal.jsonl");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const replayed = () => {
    const found: Entry[] = [];
    openJournal(path, (entry) => void found.push(entry)).close();
    return found;
  };

  it("gives back what was written, in order", () => {
    const journal = openJournal(path, () => {});
    const entries = [drop("a"), drop("ü\n🎉"), drop("b")];
    for (const entry of entries) journal.append(entry);
    journal.close();
    expect(replayed()).toEqual(entries);
  });

  it("cuts off a last line that was not finished, and goes on behind the one before", () => {
    writeFileSync(path, `${JSON.stringify(drop("a"))}\n["drop","ha`);
    const journal = openJournal(path, () => {});
    journal.append(drop("b"));
    journal.close();
    expect(replayed()).toEqual([drop("a"), drop("b")]);
  });

  it.each(["half a line", "[]", "5", '["unknown","x"]', '["drop"]'])(
    "tells of a damaged line (%s) by name",
    (line) => {
      writeFileSync(path, `${line}\n${JSON.stringify(drop("a"))}\n`);
      expect(() => replayed()).toThrow(/journal\.jsonl is damaged.*--reset/);
    },
  );

  it("reads lines longer than what it reads at a time", () => {
    const long = drop("x".repeat(9_000_000));
    writeFileSync(path, `${JSON.stringify(long)}\n${JSON.stringify(drop("a"))}\n`);
    expect(replayed()).toEqual([long, drop("a")]);
  });

  it("is rewritten to what is alive once most of it is history", () => {
    const journal = openJournal(path, () => {});
    for (let at = 0; at < 30_000; at++) journal.append(drop(String(at)));
    journal.compactTo(10, () => [drop("alive")]);
    journal.append(drop("after"));
    journal.compactTo(10, () => [drop("not yet again")]);
    journal.close();
    expect(replayed()).toEqual([drop("alive"), drop("after")]);
    expect(readFileSync(path).length).toBeLessThan(100);
  });

  it("is not rewritten at every turn where more is alive than there are keys: versions, parts", () => {
    const journal = openJournal(path, () => {});
    for (let at = 0; at < 30_000; at++) journal.append(drop(String(at)));
    let rewritten = 0;
    const alive = () => {
      rewritten++;
      return Array.from({ length: 30_000 }, (_, at) => drop(String(at)));
    };
    for (let at = 0; at < 100; at++) {
      journal.append(drop("more"));
      journal.compactTo(1, alive);
    }
    journal.close();
    expect(rewritten).toBe(1);
  });

  it("throws where the disk is full", () => {
    symlinkSync("/dev/full", path); // a device that takes nothing
    const journal = openJournal(path, () => {});
    expect(() => journal.append(drop("a"))).toThrow(/ENOSPC/);
    journal.close();
  });
});
