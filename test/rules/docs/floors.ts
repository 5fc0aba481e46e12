import { readFileSync } from "node:fs";
import { join } from "node:path";
import { table } from "./markdown.ts";

// What tests hold operations to, as rows: `["check by an exact rule", [1, 0, 1], …`. The page cannot say anything else.

/** `1 + 1_025` as a number. */
const sum = (text: string): number =>
  text.split("+").reduce((all, part) => all + Number(part.replaceAll("_", "").trim()), 0);

const NUMBERS = "\\[([^\\][]+)\\]";

const costOf = (numbers: string): readonly string[] => {
  const [calls = 0, rcu = 0, wcu = 0] = numbers.split(",").map(sum);
  return [calls, rcu, wcu].map((value) => value.toLocaleString("en-US", { maximumFractionDigits: 1 }));
};

/** Rows of a test file whose cost comes second. */
export const floorsOf = (root: string, test: string): string => {
  const source = readFileSync(join(root, test), "utf8");
  const rows = [...source.matchAll(new RegExp(`^ {4}\\[\\s*"([^"]+)",\\s*${NUMBERS},\\s*async`, "gm"))];
  if (rows.length === 0) throw new Error(`${test} holds no operation to a cost`);
  return table(
    ["Operation", "Calls", "RCU", "WCU"],
    rows.map(([, name = "", numbers = ""]) => [name, ...costOf(numbers)]),
  );
};

const who: Readonly<Record<string, string>> = {
  algorithms: "all",
  bucketAlgorithms: "buckets",
  '[...bucketAlgorithms, "fixed-window"]': "buckets, fixed window",
  'algorithms.filter((name) => name !== "sliding-window-counter")': "all but the sliding counter",
  '["fixed-window"]': "fixed window",
  '["sliding-window-counter"]': "sliding counter",
  '["sliding-window-log"]': "sliding log",
};

/** Rows of `limit-floors.test.ts`: what, of which algorithms, at which cost. */
export const decisionsOf = (root: string): string => {
  const source = readFileSync(join(root, "test/contract/limit-floors.test.ts"), "utf8");
  const [, rows = ""] = /const rows[^=]+= \[\n([\s\S]*?)\n\];/.exec(source) ?? [];
  const found = [
    ...rows.matchAll(
      /^ {2}\[\s*"([^"]+)",\s*(\[[^\]]*\]|algorithms\.filter\([^\n]*\)|\w+),\s*[^[]+?,\s*\[([^\]]+)\],?\s*\],/gm,
    ),
  ];
  if (found.length !== [...rows.matchAll(/^ {2}\[/gm)].length)
    throw new Error("limit-floors.test.ts has rows that could not be read");
  return table(
    ["Decision", "Algorithms", "Calls", "RCU", "WCU"],
    found.map(([, what = "", of = "", numbers = ""]) => {
      const algorithms = who[of];
      if (!algorithms) throw new Error(`limit-floors.test.ts: nobody says which algorithms ${of} are`);
      return [what, algorithms, ...costOf(numbers)];
    }),
  );
};
