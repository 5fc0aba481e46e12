import type { limitsApi } from "#core/limits/api.schema.ts";
import type { NewRule } from "#core/limits/rule.schema.ts";
import { failureText } from "../api/failure.ts";
import type { Outcome } from "../api/send.ts";
import { settled } from "../api/session.ts";
import type { Cell } from "../patterns/cells.tsx";
import type { Report } from "../patterns/experiment.tsx";
import { wait } from "../ui/wait.ts";
import { check, define, drop } from "./limits-client.ts";
import { decidedBy } from "./words.ts";

type Checked = Outcome<typeof limitsApi.check>;

/** A check sent again for as long as API Gateway's usage plan, or the limit of this API itself, says to wait. */
export const patient = async (
  report: Report,
  body: { readonly rule: string; readonly key: string; readonly cost?: number },
): Promise<Checked> => {
  const owner = await ownerOf();
  for (;;) {
    const outcome = await check(owner, body, report.signal);
    if (outcome.ok || outcome.failure.status !== 429 || report.signal.aborted) return outcome;
    const seconds = outcome.failure.retryAfter ?? 1;
    report.say(`Told 429, so it waits ${seconds} s: API Gateway's usage plan grants 50 checks a second`);
    // Spread a little, so that those who wait do not all come back in the same instant.
    await wait(seconds * 1_000 + Math.random() * 600, report.signal);
  }
};

const ownerOf = async (): Promise<string> => {
  const session = await settled();
  if (session.status !== "signed-in") throw new Error("Sign in first");
  return session.user.id;
};

/** What a check's answer looks like as a square. */
export const cellOf = (outcome: Checked): Cell => {
  if (!outcome.ok) {
    const bad = outcome.failure.status >= 500 || outcome.failure.status === 0;
    return { label: `${outcome.failure.status} ${outcome.failure.title}`, tone: bad ? "bad" : "refused" };
  }
  if (!outcome.data.allowed)
    return { label: `denied by ${decidedBy[outcome.data.decided_by]}`, tone: "refused" };
  return outcome.data.within_limit
    ? { label: "admitted", tone: "good" }
    : { label: "let through, over the limit", tone: "same" };
};

/** A decision, or the reason there is none: an experiment cannot go on without. */
export const decisionOf = (outcome: Checked) => {
  if (outcome.ok) return outcome.data;
  throw new Error(failureText(outcome.failure));
};

type Draft = Omit<NewRule, "name" | "scope">;

/** A rule that lives as long as `work` takes. Its name is new, so that no process has an older one of it in mind. */
export const withRule = async <T>(
  draft: Draft,
  report: Report,
  work: (name: string) => Promise<T>,
): Promise<T> => {
  const name = `try-${crypto.randomUUID().slice(0, 8)}`;
  const made = await define({ ...draft, name, scope: "user" }, report.signal);
  if (!made.ok) throw new Error(`No rule to work with: ${failureText(made.failure)}`);
  try {
    return await work(name);
  } finally {
    await drop(name);
  }
};
