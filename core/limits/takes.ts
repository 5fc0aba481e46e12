import type { Take } from "./decision.schema.ts";

/**
 * What every store refuses before it counts anything: a cost that would give units, and a level named twice in one decision,
 * which would see only half of what it takes. The API's schemas refuse both earlier and in kinder words.
 */
export const assertTakes = (takes: readonly Take[]): void => {
  for (let index = 0; index < takes.length; index++) {
    const take = takes[index];
    if (!take || !Number.isInteger(take.cost) || take.cost < 0)
      throw new RangeError("A cost is whole units, 0 or more");
    for (let other = 0; other < index; other++)
      if (takes[other]?.key === take.key) throw new RangeError("A decision names each level once");
  }
};
