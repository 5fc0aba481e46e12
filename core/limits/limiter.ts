import { Problem } from "../kit/problem.ts";
import { paramsOf } from "./decision.schema.ts";
import type { Judge, JudgedLevel, Refund } from "./judgement.ts";
import { policies } from "./policies.schema.ts";

/** Judges a request by all levels or none. */
export const judge: Judge = async (levels) => {
  const judged = levels.map(({ rule: name, key }): JudgedLevel => {
    const rule = policies.get(name);
    if (!rule)
      throw new Problem("not-found", `There is no rule “${name}”: make it by PUT /api/v1/limits/rules`);
    const { burst } = paramsOf(rule);
    return {
      ...{ rule, key, decidedBy: "open" },
      decision: { allowed: true, remaining: burst, resetMs: 0, retryAfterMs: 0, waitMs: 0 },
    };
  });
  return { allowed: true, levels: judged, retryAfterMs: 0, waitMs: 0 };
};

/** Gives back what `judge` took by these levels. */
export const refund: Refund = async () => undefined;
