import { build } from "esbuild";
import { expect, it } from "vitest";
import { mistakeOf, SynthError } from "./mistake.ts";

it("takes message and line from esbuild when a file does not parse", async () => {
  const failure = await build({
    stdin: { contents: "\nconst = 1", sourcefile: "stacks/a.ts", loader: "ts" },
    logLevel: "silent",
    write: false,
  }).catch((error: unknown) => error);
  expect(mistakeOf(failure, undefined)).toEqual({
    message: 'Expected identifier but found "="',
    source: "stacks/a.ts:2",
  });
});

it("names an error of the language by its kind, and lets SST's own speak for themselves", () => {
  expect(mistakeOf(new TypeError("x is not a function"), "stacks/a.ts:3")).toEqual({
    message: "TypeError: x is not a function",
    source: "stacks/a.ts:3",
  });
  expect(mistakeOf(new Error("Component name A is not unique."), undefined)).toEqual({
    message: "Component name A is not unique.",
  });
});

it("prints nothing but the sentence and the line", () => {
  const error = new SynthError([{ message: "No site found.", source: "stacks/site.ts:5" }]);
  expect(error.message).toBe("No site found.\n    at stacks/site.ts:5");
});
