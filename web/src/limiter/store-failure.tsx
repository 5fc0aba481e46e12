import { useSession } from "../api/session.ts";
import { breakIt, stop } from "../break/break-data.ts";
import { loadMap } from "../map/map-data.ts";
import { Experiment, type ExperimentSpec, type Report, type Verdict } from "../patterns/experiment.tsx";
import { cellOf, decisionOf, patient, withRule } from "./experiment-kit.ts";
import { decidedBy } from "./words.ts";

const FAULT = "limits-table-takes-no-writes";
const LIMIT = 3;
const choices = ["open", "closed", "local"] as const;

const tableName = async (signal: AbortSignal): Promise<string> => {
  const map = await loadMap(signal);
  const nodes = map.ok && map.data !== "absent" ? map.data.nodes : [];
  const table = nodes.find(({ type, label }) => type === "table" && label === "LimitsTable");
  const name = table?.id.split("/").at(-1);
  if (name === undefined) throw new Error("The local cloud has no table of limits");
  return name;
};

/** Three rules with each its own choice, decided on while their table takes no writes. */
const withoutStore = (report: Report): Promise<Verdict> => {
  const draft = { algorithm: "gcra", limit: LIMIT, window: 3_600 } as const;
  const rule = (onFailure: (typeof choices)[number], work: (name: string) => Promise<Verdict>) =>
    withRule({ ...draft, onFailure }, report, work);
  return rule("open", (open) =>
    rule("closed", (closed) => rule("local", (local) => decide({ open, closed, local }, report))),
  );
};

const decide = async (
  rules: Readonly<Record<(typeof choices)[number], string>>,
  report: Report,
): Promise<Verdict> => {
  const each = 8;
  report.plan(
    choices.length * each,
    choices.map((choice) => `onFailure: ${choice}`),
  );
  const name = await tableName(report.signal);
  const on = {
    service: "dynamodb",
    target: name,
    operation: ["UpdateItem", "PutItem", "TransactWriteItems"],
  };
  const failure = await breakIt({ id: FAULT, on, when: {}, fault: { kind: "error" } });
  if (failure) throw new Error(failure.title);
  report.say("The table takes no writes");
  try {
    // One after another, so that one process may serve them all: its own count is what is to be seen.
    const by = [];
    for (const [row, choice] of choices.entries()) {
      const decisions = [];
      for (let i = 0; i < each; i += 1) {
        const outcome = await patient(report, { rule: rules[choice], key: "visitor" });
        const decision = decisionOf(outcome);
        const cell = cellOf(outcome);
        const how = decision.allowed ? "admitted" : "denied";
        report.cell(row * each + i, { ...cell, label: `${how} by ${decidedBy[decision.decided_by]}` });
        decisions.push(decision);
      }
      by.push(decisions);
    }
    const [open = [], closed = [], local = []] = by;
    const passed = (decisions: typeof open) => decisions.filter(({ allowed }) => allowed).length;
    const held =
      passed(open) === each && passed(closed) === 0 && local.some((one) => one.decided_by === "local");
    return {
      held,
      text: `Of ${each} each: open let ${passed(open)} through, closed ${passed(closed)}, local ${passed(local)}: ${LIMIT} a process that was asked.`,
    };
  } finally {
    await stop(FAULT);
  }
};

const spec: ExperimentSpec = {
  id: "store-failure",
  title: "The store fails",
  claim:
    "Three rules of 3 units an hour each say what happens then: open lets all through, closed refuses, local counts in each process by itself. Here their table takes no writes, for as long as it takes.",
  button: "Fail the table, ask three rules",
  needsSignIn: "rules belong to whoever made them",
  run: withoutStore,
};

/** What rules do while their table fails: by a fault of the local cloud, so nowhere else. */
export const StoreFailure = () => <Experiment spec={spec} allowed={useSession().status === "signed-in"} />;
