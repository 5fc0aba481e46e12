import { LRUCache } from "lru-cache";
import type { Take } from "./decision.schema.ts";
import { createBatches } from "./dynamo-batch.ts";
import { cellOf, type Memory, only } from "./dynamo-cell.ts";
import { erase, MAX_TRIES, pause, read, tooMany, write } from "./dynamo-item.ts";
import { takeAll } from "./dynamo-levels.ts";
import { createSerial } from "./serial.ts";
import type { LimitStore } from "./store.ts";
import { assertTakes } from "./takes.ts";

/** Items this process remembers, and their bytes: only a log takes more than a few hundred. */
const MEMORY = { max: 20_000, maxSize: 16 * 2 ** 20 };

/**
 * Counts in a DynamoDB table: conditional writes only. One level is 1 call and 1 WCU, or 2 of each where this process does
 * not know of an item in use; decisions on the same key that wait for each other in this process share a call. Several
 * levels are a consistent read of all (1 call) and, if all allow, a transaction (1 call, 2 WCU a level).
 */
export const dynamoStore = (table: string): LimitStore => {
  const memory: Memory = new LRUCache({
    ...MEMORY,
    sizeCalculation: ({ item }, id) => 300 + id.length + (item?.log?.B?.length ?? 0),
  });
  const serial = createSerial();
  const single = createBatches(table, memory, serial);
  return {
    name: "dynamodb",
    take: async (takes, now) => {
      assertTakes(takes);
      const [first, ...rest] = takes;
      if (!first) return [];
      if (rest.length === 0) return [await single(first, now)];
      return serial.all(
        takes.map(({ key }) => key),
        () => takeAll(table, takes, now, memory),
      );
    },
    peek: async (take, now) => {
      assertTakes([take]);
      const cell = cellOf(take, now, memory);
      cell.tell(await read(table, cell.key));
      return only(cell.judge([take.cost]).decisions);
    },
    refund: async (take, now) => {
      assertTakes([take]);
      await serial.one(take.key, () => giveBack(table, take, now, memory));
    },
    reset: (take, now) =>
      serial.one(take.key, async () => {
        const cell = cellOf(take, now, memory);
        await erase(table, cell.key);
        cell.tell(undefined);
      }),
  };
};

const giveBack = async (table: string, take: Take, now: number, memory: Memory) => {
  const cell = cellOf(take, now, memory);
  for (let tries = 1; tries <= MAX_TRIES; tries++) {
    const change = cell.giveBack(take.cost);
    if (!change && cell.isSure()) return;
    if (!change) {
      cell.tell(await read(table, cell.key));
      continue;
    }
    const { done, raced, item } = await write(table, change);
    if (!raced) cell.tell(item);
    if (done) return;
    await pause(tries);
  }
  throw tooMany();
};
