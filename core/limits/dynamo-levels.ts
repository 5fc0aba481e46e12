import type { Decision, Take } from "./decision.schema.ts";
import { type Cell, cellOf, type Memory, only } from "./dynamo-cell.ts";
import { MAX_TRIES, pause, readAll, tooMany, writeAll } from "./dynamo-item.ts";

interface Level {
  readonly cost: number;
  readonly cell: Cell;
}

const untouched = ({ cell }: Level) => only(cell.judge([0]).decisions);

const denied = (levels: readonly Level[], decisions: readonly Decision[]) =>
  levels.map((level, index) => {
    const decision = decisions[index];
    return decision && !decision.allowed ? decision : untouched(level);
  });

/**
 * Takes from all of several levels, or from none. A consistent read of all (1 call) tells what they hold: a denial ends there.
 * Else a transaction (1 call, 2 WCU a level) takes, under the condition that each still has room. Two transactions on one item
 * at once are a conflict, and tried again: a level that all share belongs in leases.
 */
export const takeAll = async (
  table: string,
  takes: readonly Take[],
  now: number,
  memory: Memory,
): Promise<readonly Decision[]> => {
  const levels = takes.map((take) => ({ cost: take.cost, cell: cellOf(take, now, memory) }));
  const items = await readAll(
    table,
    levels.map(({ cell }) => cell.key),
  );
  for (const [index, { cell }] of levels.entries()) cell.tell(items[index]);
  const taking = levels.filter(({ cost }) => cost > 0);
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const decisions = levels.map(({ cell, cost }) => only(cell.judge([cost]).decisions));
    if (decisions.some(({ allowed }) => !allowed)) return denied(levels, decisions);
    if (taking.length === 0) return decisions;
    const refused = await writeAll(
      table,
      taking.map(({ cell, cost }) => cell.take(cost)),
    );
    if (!refused)
      return levels.map((level) =>
        level.cost > 0 ? only(level.cell.settle([level.cost], undefined)) : untouched(level),
      );
    for (const [index, outcome] of refused.entries()) if (outcome) taking[index]?.cell.tell(outcome.item);
    await pause(tries);
  }
  throw tooMany();
};
