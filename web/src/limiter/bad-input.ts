import { limitsApi } from "#core/limits/api.schema.ts";
import { call } from "../api/call.ts";
import type { Outcome } from "../api/send.ts";
import type { Report, Verdict } from "../patterns/experiment.tsx";
import { patient } from "./experiment-kit.ts";
import { define } from "./limits-client.ts";

type Answer = Outcome<typeof limitsApi.check | typeof limitsApi.define | typeof limitsApi.usage>;

/** Rules, keys and costs that make no sense, each with the status that it must get. */
export const hostile = async (report: Report): Promise<Verdict> => {
  const rule = `none-${crypto.randomUUID().slice(0, 8)}`;
  const tries: readonly (readonly [what: string, status: number, ask: () => Promise<Answer>])[] = [
    ["a rule that does not exist", 404, () => patient(report, { rule, key: "a" })],
    ["a cost below zero", 400, () => patient(report, { rule, key: "a", cost: -1 })],
    ["half a unit", 400, () => patient(report, { rule, key: "a", cost: 0.5 })],
    ["a key of 10 KB", 400, () => patient(report, { rule, key: "k".repeat(10_240) })],
    [
      "a limit of none",
      400,
      () => define({ name: rule, algorithm: "gcra", limit: 0, window: 60, scope: "user" }),
    ],
    [
      "a window with a burst",
      400,
      () => define({ name: rule, algorithm: "fixed-window", limit: 5, window: 60, burst: 9, scope: "user" }),
    ],
    ["usage of no rule", 404, () => call(limitsApi.usage, { query: { rule, key: "a" } })],
  ];
  report.plan(tries.length);
  const wrong: string[] = [];
  await Promise.all(
    tries.map(async ([what, expected, ask], i) => {
      const outcome = await ask();
      const status = outcome.ok ? outcome.status : outcome.failure.status;
      if (status !== expected) wrong.push(`${what}: ${status}`);
      report.cell(i, { label: `${status} ${what}`, tone: status === expected ? "refused" : "bad" });
    }),
  );
  return {
    held: wrong.length === 0,
    text: wrong.length === 0 ? `${tries.length} of ${tries.length} refused with a reason.` : wrong.join("; "),
  };
};
