import { createRequire } from "node:module";
import type sorted from "sorted-btree";
import { compareKeys } from "./order.ts";

/** A map that is read in the order of its keys, from any key on. */
export type KeyMap<Value> = sorted.default<string, Value>;

// CommonJS whose class is called `default`: Node and Vite disagree on what importing that means
const { default: BTree } = createRequire(import.meta.url)("sorted-btree") as typeof sorted;

/** An empty map in the order of S3's listings. */
export const createKeyMap = <Value>(): KeyMap<Value> => new BTree<string, Value>(undefined, compareKeys);
