import type { ConsumedCapacity } from "@aws-sdk/client-dynamodb";
import type { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";

/** What a piece of work cost. */
export interface Usage {
  readonly calls: number;
  /** Read units of the table. */
  readonly rcu: number;
  /** Write units of the table. */
  readonly wcu: number;
  /** Write units of the indexes. */
  readonly indexWcu: number;
}

interface Answered {
  output?: { ConsumedCapacity?: ConsumedCapacity | ConsumedCapacity[] };
}

const READS = new Set(["GetItemCommand", "QueryCommand", "BatchGetItemCommand", "ScanCommand"]);

/**
 * Counts calls and consumed units of everything a client does, by asking for them; a refused condition costs 1 WCU.
 */
export const createMeter = (client: DynamoDBDocumentClient) => {
  let calls = 0;
  let rcu = 0;
  let wcu = 0;
  let indexWcu = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      calls++;
      const name = context.commandName ?? "";
      const input = args.input as Record<string, unknown>;
      input.ReturnConsumedCapacity = "INDEXES";
      try {
        const result = (await next(args)) as Answered & Awaited<ReturnType<typeof next>>;
        const used = [result.output?.ConsumedCapacity ?? []].flat();
        const table = used.reduce((sum, each) => sum + (each.Table?.CapacityUnits ?? 0), 0);
        const indexes = used
          .flatMap((each) => Object.values(each.GlobalSecondaryIndexes ?? {}))
          .reduce((sum, each) => sum + (each.CapacityUnits ?? 0), 0);
        // AWS bills a query that finds nothing as the least it could have read; the engine bills nothing.
        const least = name === "QueryCommand" ? (input.ConsistentRead ? 1 : 0.5) : 0;
        if (READS.has(name)) rcu += Math.max(table + indexes, least);
        else {
          // The engine bills a transaction's items as one and doubles that twice over; each of ours is below 1 KB.
          const items = input.TransactItems as unknown[] | undefined;
          wcu += items ? 2 * items.length : table;
          indexWcu += items ? indexes / 4 : indexes;
        }
        return result;
      } catch (error) {
        if ((error as Error).name === "ConditionalCheckFailedException") wcu++;
        throw error;
      }
    },
    { step: "initialize", name: "meter" },
  );
  return {
    /** Usage of `work` alone: nothing else may run meanwhile. */
    measure: async <T>(work: () => Promise<T>): Promise<Usage & { readonly result: T }> => {
      const before = { calls, rcu, wcu, indexWcu };
      const result = await work();
      return {
        calls: calls - before.calls,
        rcu: rcu - before.rcu,
        wcu: wcu - before.wcu,
        indexWcu: indexWcu - before.indexWcu,
        result,
      };
    },
  };
};
