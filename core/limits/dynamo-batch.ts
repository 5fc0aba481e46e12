import { type Decision, sameParams, type Take } from "./decision.schema.ts";
import { type Cell, cellOf, type Memory } from "./dynamo-cell.ts";
import { MAX_TRIES, pause, read, tooMany, write } from "./dynamo-item.ts";
import type { Serial } from "./serial.ts";

interface Waiting {
  readonly take: Take;
  readonly now: number;
  readonly answer: (decision: Decision) => void;
  readonly fail: (error: unknown) => void;
}

/**
 * Decides on single levels. While a key's write is under way, who else asks for it in this process waits, and all who wait are
 * decided by the next write together: a hot key costs a call a round trip, not a call a request.
 */
export const createBatches = (table: string, memory: Memory, serial: Serial) => {
  const waiting = new Map<string, Waiting[]>();
  const drain = async (key: string) => {
    const all = waiting.get(key) ?? [];
    waiting.delete(key);
    while (all.length > 0) {
      const [first] = all;
      const end = all.findIndex(({ take }) => first && !sameParams(take.params, first.take.params));
      const batch = all.splice(0, end === -1 ? all.length : end);
      await decide(table, batch, memory).catch((error: unknown) => {
        for (const { fail } of batch) fail(error);
      });
    }
  };
  return (take: Take, now: number): Promise<Decision> =>
    new Promise((answer, fail) => {
      const own = { take, now, answer, fail };
      const others = waiting.get(take.key);
      if (others) return void others.push(own);
      waiting.set(take.key, [own]);
      void serial.one(take.key, () => drain(take.key));
    });
};

/** Decides on requests for one key, together: at the latest of their times. What is denied was denied by what the table told. */
const decide = async (table: string, batch: readonly Waiting[], memory: Memory) => {
  const [first] = batch;
  if (!first) return;
  const at = batch.reduce((latest, { now }) => Math.max(latest, now), 0);
  const cell = cellOf(first.take, at, memory);
  let left = batch;
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    if (cell.needsRead()) cell.tell(await read(table, cell.key));
    let { decisions, total } = judge(cell, left);
    if (total === 0 && !cell.isSure()) {
      cell.tell(await read(table, cell.key));
      ({ decisions, total } = judge(cell, left));
    }
    if (cell.isSure()) left = answer(left, decisions, at, ({ allowed }, cost) => !allowed || cost === 0);
    if (left.length === 0) return;
    const going = left.filter((_, index) => cell.isSure() || decisions[index]?.allowed);
    const costs = going.map(({ take }) => take.cost);
    const { done, raced, item } = await write(table, cell.take(total));
    if (done) {
      const settled = cell.settle(costs, item);
      answer(going, settled, at, () => true);
      left = left.filter((each) => !going.includes(each));
      if (left.length === 0) return;
    } else if (!raced) cell.tell(item);
    if (tries > 1) await pause(tries);
  }
  for (const { fail } of left) fail(tooMany());
};

const judge = (cell: Cell, asked: readonly Waiting[]) => cell.judge(asked.map(({ take }) => take.cost));

/** Answers those that `which` says; returns the others. */
const answer = (
  asked: readonly Waiting[],
  decisions: readonly Decision[],
  at: number,
  which: (decision: Decision, cost: number) => boolean,
) =>
  asked.filter((each, index) => {
    const decision = decisions[index];
    if (!decision || !which(decision, each.take.cost)) return true;
    each.answer(since(decision, at - each.now));
    return false;
  });

// Who came first is told by their own clock: the times are from their now.
const since = (decision: Decision, ms: number): Decision =>
  ms === 0
    ? decision
    : {
        ...decision,
        resetMs: decision.resetMs > 0 ? decision.resetMs + ms : 0,
        retryAfterMs: decision.allowed ? 0 : decision.retryAfterMs + ms,
      };
