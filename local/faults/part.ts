import type { Action, View } from "../kit/cloud.ts";
import type { Faults } from "./faults.ts";
import { InvalidRule, type Rule } from "./rule.schema.ts";

/** The console's part for faults: structurally a `ConsolePart`, so that neither imports the other. */
export interface FaultsPart {
  readonly name: "faults";
  readonly views: Readonly<Record<string, View>>;
  readonly actions: Readonly<Record<string, Action>>;
}

/** Latest entries of the log that an answer holds. */
const SHOWN = 200;

const idOf = ({ id }: Readonly<Record<string, unknown>>): string => {
  if (typeof id !== "string") throw new InvalidRule([{ pointer: "/id", message: "is missing" }]);
  return id;
};

/**
 * Faults over HTTP: `GET /_local/faults` lists rules and the latest faults; `POST /_local/faults` adds a rule,
 * `…/faults/remove` takes one away by `{ "id" }`, `…/faults/clear` all, `…/faults/seed` starts over from `{ "seed" }`.
 */
export const faultsPart = (faults: Faults): FaultsPart => ({
  name: "faults",
  views: {
    "": () => ({ seed: faults.seed(), rules: faults.list(), log: faults.log().slice(-SHOWN) }),
    replay: () => ({ seed: faults.seed(), rules: faults.replay() }),
  },
  actions: {
    // checked by `add`, whatever it is
    "": (rule) => ({ id: faults.add(rule as unknown as Rule) }),
    remove(input) {
      const id = idOf(input);
      if (!faults.remove(id)) throw Object.assign(new Error(`There is no rule "${id}".`), { status: 404 });
      return { id };
    },
    clear() {
      const removed = faults.list().length;
      faults.clear();
      return { removed };
    },
    seed: ({ seed }) => ({ seed: faults.seed(typeof seed === "number" ? seed : String(seed ?? "1")) }),
  },
});
