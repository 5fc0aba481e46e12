import { decode, type EncodeOptions, encode, MAX_VALUE_BYTES } from "./codec.ts";

/**
 * A value as memory holds it. Plain data (objects, arrays, primitives) is a frozen copy that all callers share: a hit costs
 * nothing. A Date, Map, Set, RegExp or bytes cannot be frozen: what holds one stays encoded, and each caller gets their own.
 */
export interface Held {
  readonly shared: unknown;
  /** Undefined: it is shared. */
  readonly body: Uint8Array | undefined;
  /** Bytes, roughly. */
  readonly size: number;
}

// What is deeper, larger or shared within itself goes by the codec, which knows cycles.
const MAX_DEPTH = 64;
const MAX_NODES = 10_000;

/** The value of what is held. */
export const open = (held: Held): unknown => (held.body === undefined ? held.shared : decode(held.body));

/** Holds a value that others may still change; `body` is its encoding, where there is one already. */
export const hold = (value: unknown, body: Uint8Array | undefined, options: EncodeOptions): Held => {
  const measure = { nodes: 0, size: 0 };
  const shared = copyFrozen(value, 0, measure);
  // Without an encoding the size is an estimate: near the limit it is measured.
  const unsure = body === undefined && measure.size * 2 > (options.maxBytes ?? MAX_VALUE_BYTES);
  if (shared !== NOT_PLAIN && !unsure) return { shared, body: undefined, size: measure.size };
  return holdBody(body ?? encode(value, options));
};

/** Holds what was encoded. Throws PoisonedEntry. */
export const holdBody = (body: Uint8Array): Held => {
  const value = decode(body);
  const size = body.byteLength;
  return freeze(value) ? { shared: value, body: undefined, size } : { shared: undefined, body, size };
};

const NOT_PLAIN = Symbol("not plain");

const copyFrozen = (value: unknown, depth: number, measure: { nodes: number; size: number }): unknown => {
  if (typeof value === "string") {
    measure.size += value.length + 8;
    return value;
  }
  if (value === null || typeof value !== "object") {
    measure.size += 8;
    return typeof value === "function" || typeof value === "symbol" ? NOT_PLAIN : value;
  }
  measure.size += 16;
  if (depth > MAX_DEPTH || ++measure.nodes > MAX_NODES) return NOT_PLAIN;
  if (Array.isArray(value)) return copyArray(value, depth, measure);
  if (Object.getPrototypeOf(value) !== Object.prototype) return NOT_PLAIN;
  if (Object.getOwnPropertySymbols(value).length > 0) return NOT_PLAIN; // the codec leaves them out
  // copied at once, which is much quicker than key by key
  const copy: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copy)) {
    if (key === "__proto__") return NOT_PLAIN;
    measure.size += key.length;
    const given = copy[key];
    const part = copyFrozen(given, depth + 1, measure);
    if (part === NOT_PLAIN) return NOT_PLAIN;
    if (part !== given) copy[key] = part;
  }
  return Object.freeze(copy);
};

const copyArray = (list: unknown[], depth: number, measure: { nodes: number; size: number }): unknown => {
  // holes, or properties besides the elements
  if (Object.keys(list).length !== list.length) return NOT_PLAIN;
  const copy: unknown[] = [];
  for (const element of list) {
    const part = copyFrozen(element, depth + 1, measure);
    if (part === NOT_PLAIN) return NOT_PLAIN;
    copy.push(part);
  }
  return Object.freeze(copy);
};

/** Freezes all of a value that is ours alone. False: it holds something that cannot be. */
const freeze = (value: unknown): boolean => {
  const left: unknown[] = [value];
  while (left.length > 0) {
    const next = left.pop();
    if (next === null || typeof next !== "object" || Object.isFrozen(next)) continue;
    const prototype = Object.getPrototypeOf(next);
    if (prototype !== Object.prototype && prototype !== Array.prototype) return false;
    Object.freeze(next);
    for (const key of Object.keys(next)) left.push((next as Record<string, unknown>)[key]);
  }
  return true;
};
