import { documents } from "../../core/kit/dynamo.ts";

/** Makes some of this process's writes fail before they are sent; returns a function that ends it. */
export const failWrites = (fails: () => boolean): (() => void) => {
  const client = documents();
  client.middlewareStack.add(
    (next, context) => (args) => {
      if (context.commandName === "UpdateItemCommand" && fails()) throw new Error("the process died");
      return next(args);
    },
    { step: "initialize", name: "crash" },
  );
  return () => void client.middlewareStack.remove("crash");
};

/** The same members in another order. */
export const shuffle = <T>(list: readonly T[]): T[] =>
  list
    .map((value) => ({ value, order: Math.random() }))
    .sort((a, b) => a.order - b.order)
    .map(({ value }) => value);
