import { limitsApi } from "#core/limits/api.schema.ts";
import { RULES_TTL_MS } from "#core/limits/policies.schema.ts";
import { algorithms } from "#core/limits/rule.schema.ts";
import { call } from "../api/call.ts";
import { failureText } from "../api/failure.ts";
import type { Report, Verdict } from "../patterns/experiment.tsx";
import { count } from "../ui/format.ts";
import { wait } from "../ui/wait.ts";
import { algorithmText } from "./algorithm-text.ts";
import { cellOf, decisionOf, patient, withRule } from "./experiment-kit.ts";

const HOUR = 3_600;

/** Sends `n` checks of a key at once, from place `at` on; resolves with how many were admitted. */
const race = async (report: Report, rule: string, n: number, at = 0): Promise<number> => {
  const outcomes = await Promise.all(
    Array.from({ length: n }, async (_, i) => {
      const outcome = await patient(report, { rule, key: "racer" });
      report.cell(at + i, cellOf(outcome));
      return outcome;
    }),
  );
  return outcomes.filter((outcome) => decisionOf(outcome).allowed).length;
};

/** 10 of 30, by each algorithm. */
export const exact = async (report: Report): Promise<Verdict> => {
  const [limit, callers] = [10, 30];
  report.plan(
    callers * algorithms.length,
    algorithms.map((algorithm) => algorithmText[algorithm].name),
  );
  const wrong: string[] = [];
  for (const [i, algorithm] of algorithms.entries()) {
    if (report.signal.aborted) break;
    report.say(`${algorithmText[algorithm].name}: ${callers} asked, ${limit} may pass`);
    const passed = await withRule({ algorithm, limit, window: HOUR }, report, (rule) =>
      race(report, rule, callers, i * callers),
    );
    if (passed !== limit) wrong.push(`${algorithmText[algorithm].name} ${passed}`);
  }
  const all = !report.signal.aborted && wrong.length === 0;
  return {
    held: all,
    text: all
      ? `${limit} of ${callers} admitted by each of ${algorithms.length}.`
      : `Not ${limit} of ${callers}: ${wrong.join(", ") || "stopped"}.`,
  };
};

/** A check too large for what is left takes nothing. */
export const whole = (report: Report): Promise<Verdict> =>
  withRule({ algorithm: "gcra", limit: 12, window: HOUR }, report, async (rule) => {
    report.plan(4);
    const left: number[] = [];
    const asked = [5, 10, 7, 1];
    const allowed: boolean[] = [];
    for (const [i, cost] of asked.entries()) {
      const outcome = await patient(report, { rule, key: "buyer", cost });
      const decision = decisionOf(outcome);
      report.cell(i, {
        ...cellOf(outcome),
        label: `cost ${cost}: ${decision.allowed ? "admitted" : "denied"}`,
      });
      left.push(decision.remaining);
      allowed.push(decision.allowed);
    }
    return {
      held: allowed.join() === "true,false,true,false" && left[1] === 7 && left[2] === 0,
      text: `Of 12: 5 taken, 10 denied with ${left[1]} left as before, then 7 taken to the last.`,
    };
  });

/** Denied before the stated moment, admitted at it. */
export const retry = (report: Report): Promise<Verdict> =>
  withRule({ algorithm: "token-bucket", limit: 1, window: 4 }, report, async (rule) => {
    report.plan(4);
    const ask = async (i: number) => {
      const sent = performance.now();
      const outcome = await patient(report, { rule, key: "early" });
      report.cell(i, cellOf(outcome));
      return { ...decisionOf(outcome), sent, heard: performance.now() };
    };
    await ask(0);
    const denied = await ask(1);
    const ms = denied.retry_after_ms ?? 0;
    report.say(`Denied, and told to come again in ${count(ms)} ms`);
    // Decided between `sent` and `heard`: what is heard before sent + ms came early, what is sent after heard + ms did not.
    await wait(denied.sent + ms - 400 - performance.now(), report.signal);
    const early = await ask(2);
    await wait(denied.heard + ms - performance.now(), report.signal);
    const onTime = await ask(3);
    const wasEarly = early.heard < denied.sent + ms;
    return {
      held: wasEarly ? !early.allowed && onTime.allowed : undefined,
      text: wasEarly
        ? `Told to wait ${count(ms)} ms. ${Math.round(denied.sent + ms - early.heard)} ms before: ${early.allowed ? "admitted" : "denied"}. Right after: ${onTime.allowed ? "admitted" : "denied"}.`
        : "The early request took too long to come early; try again.",
    };
  });

/** A shadow rule counts and lets through. */
export const shadow = (report: Report): Promise<Verdict> =>
  withRule({ algorithm: "fixed-window", limit: 5, window: HOUR, mode: "shadow" }, report, async (rule) => {
    report.plan(15);
    const outcomes = await Promise.all(
      Array.from({ length: 15 }, async (_, i) => {
        const outcome = await patient(report, { rule, key: "shadowed" });
        report.cell(i, cellOf(outcome));
        return decisionOf(outcome);
      }),
    );
    const through = outcomes.filter(({ allowed }) => allowed).length;
    const within = outcomes.filter(({ within_limit }) => within_limit).length;
    return {
      held: through === 15 && within === 5,
      text: `${through} of 15 let through, ${within} of them within the limit of 5.`,
    };
  });

/** What was given back can be taken again, and not twice. */
export const refunded = (report: Report): Promise<Verdict> =>
  withRule({ algorithm: "sliding-window-log", limit: 5, window: HOUR }, report, async (rule) => {
    report.plan(8);
    const key = "racer";
    const first = await race(report, rule, 6);
    const given = await call(limitsApi.refund, { body: { rule, key, cost: 1 }, signal: report.signal });
    if (!given.ok) throw new Error(failureText(given.failure));
    report.say(`Whoever denied the sixth asks the store again within ${RULES_TTL_MS / 1_000} s`);
    await wait(RULES_TTL_MS, report.signal);
    const after = await race(report, rule, 2, 6);
    return {
      held: first === 5 && after === 1,
      text: `${first} of 6 admitted; one given back; then ${after} of 2.`,
    };
  });

/** Who keeps knocking is shut out for a time. */
export const banned = (report: Report): Promise<Verdict> =>
  withRule(
    { algorithm: "gcra", limit: 1, window: 2, ban: { after: 3, within: 60, for: 6 } },
    report,
    async (rule) => {
      report.plan(7);
      const ask = async (i: number) => {
        const outcome = await patient(report, { rule, key: "knocker" });
        report.cell(i, cellOf(outcome));
        return decisionOf(outcome);
      };
      for (let i = 0; i < 5; i += 1) await ask(i);
      report.say("The limit itself would let it pass after 2 s: the ban does not");
      await wait(2_500, report.signal);
      const during = await ask(5);
      const left = await call(limitsApi.usage, { query: { rule, key: "knocker" }, signal: report.signal });
      const ms = left.ok ? (left.data.usage[0]?.banned_ms ?? 0) : 0;
      report.say(`Banned for ${count(ms)} ms more`);
      await wait(ms + 300, report.signal);
      const after = await ask(6);
      return {
        held: !during.allowed && during.decided_by === "ban" && after.allowed,
        text: `After 3 denials: ${during.decided_by === "ban" ? "banned" : "not banned"}, ${count(ms)} ms later ${after.allowed ? "admitted" : "still denied"}.`,
      };
    },
  );
