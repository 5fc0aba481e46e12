import type { Decision, Params } from "./decision.schema.ts";
import type { Change, Item } from "./dynamo-item.ts";

/** How the table keeps the counts of some algorithms. `S` is what a key has used; undefined: nothing is kept. */
export interface Family<S> {
  /** The item's sort key. `at` is now, or the latest time this process has seen of the key. */
  sk(params: Params, at: number): string;
  /** What an item says. One of another shape says nothing: it is overwritten by whoever takes next. */
  parse(item: Item | undefined, params: Params, at: number): S | undefined;
  encode(state: S): Item;
  /** Attributes that differ whenever two states do: an exact write asks for them as they were. */
  readonly identity: readonly string[];
  /** The algorithm: what a request is told, and what is then used. The same state where it is denied. */
  take(
    state: S | undefined,
    params: Params,
    cost: number,
    now: number,
  ): { readonly state: S | undefined; readonly decision: Decision };
  /** What is used after it. Undefined: nothing to give back. */
  refund(params: Params, state: S | undefined, cost: number, now: number): S | undefined;
  /** When the state says nothing any more, in ms since the epoch. */
  endsAt(params: Params, now: number): number;
  /** Whether a first try may be made without knowing the item. */
  readonly blind: boolean;
  /** Whether what this process remembers is too old to try with: read first. */
  isStale?(state: S, params: Params, now: number): boolean;
  /** Takes `total` whoever else does, if there is room: many may at once. Undefined: only an exact write will do. */
  add?(params: Params, known: Known<S>, total: number, now: number): Change | undefined;
  /** What was used before `total` was added, in a state that `add` left. */
  before?(params: Params, state: S, total: number): S;
}

/** What is known of an item. */
export interface Known<S> {
  readonly item: Item | undefined;
  readonly state: S | undefined;
  /** As the table has just told; else as this process remembers it. */
  readonly sure: boolean;
}

/** A change that is made only if nobody else's came between. */
export const exactly = <S>(family: Family<S>, { item }: Known<S>, state: S): Change => {
  const attributes = family.encode(state);
  const names = Object.keys(attributes);
  const values: Record<string, Item[string]> = {};
  for (const [name, value] of Object.entries(attributes)) values[`:new_${name}`] = value;
  // `start` is a reserved word, and others may become one
  const named: Record<string, string> = {};
  for (const name of [...names, ...family.identity]) named[`#${name}`] = name;
  const conditions = family.identity.map((name) => {
    const old = item?.[name];
    if (old === undefined) return `attribute_not_exists(#${name})`;
    values[`:old_${name}`] = old;
    return `#${name} = :old_${name}`;
  });
  return {
    set: names.map((name) => `#${name} = :new_${name}`),
    condition: conditions.join(" AND "),
    names: named,
    values,
  };
};

/** A whole number of an item. */
export const whole = (item: Item | undefined, name: string): number | undefined => {
  const text = item?.[name]?.N;
  const value = Number(text);
  return text !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
};
