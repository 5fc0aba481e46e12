import type { Operation } from "#core/kit/api.schema.ts";
import { tableKeys } from "#core/limits/infra.schema.ts";
import type { Settings } from "./kit.ts";
import { onItems } from "./rights.ts";

// Counts, by their key or a digest of it; what an owner says.
const COUNTS = ["CNT#*", "CND#*"];
const OWNERS = ["OWN#*"];

// Redirects and probes are counted in their process; rules that are named are counted in the table.
const countsInTable = ({ limit, limits }: Operation) =>
  !["redirect", "probe"].includes(limit) || limits !== undefined;
// The rules of probes stand as the code states them.
const asksNothing = ({ limit, limits }: Operation) => limit === "probe" && limits === undefined;

/** The limiter: one table for counts, rules and lists, and the rights of those who judge by them. */
export const limiting = () => {
  const table = new sst.aws.Dynamo("LimitsTable", tableKeys);
  const readRules = onItems(table, OWNERS, "Query");
  const readCounts = onItems(table, COUNTS, "GetItem", "BatchGetItem");
  const take = onItems(table, COUNTS, "UpdateItem");
  return {
    table,
    readCounts,
    take,
    /** Forgetting a key. */
    reset: onItems(table, COUNTS, "DeleteItem"),
    /** Changing rules and lists. */
    define: onItems(table, OWNERS, "UpdateItem"),
    /** A door judges before it opens: it reads the rules, and counts where its operations are counted in the table. */
    guard: (operations: readonly Operation[]): Settings =>
      operations.every(asksNothing)
        ? {}
        : {
            link: [table],
            permissions: operations.some(countsInTable) ? [readRules, readCounts, take] : [readRules],
          },
  };
};
