import { documents } from "../../core/kit/dynamo.ts";
import type { LinkName } from "../../core/shortener/link.keys.ts";
import { find } from "../../core/shortener/links.ts";

/** Delays and ages what reads of items answer: what a network and a replica do, and DynamoDB Local does not. */
export const interceptReads = () => {
  let held: { readonly opened: Promise<void>; readonly reach: () => void } | undefined;
  const old = new Map<string, unknown>();
  let recording = false;
  documents().middlewareStack.add(
    (next, context) => async (args) => {
      if (context.commandName !== "GetItemCommand") return next(args);
      const { Key, ConsistentRead } = args.input as { Key: unknown; ConsistentRead?: boolean };
      const key = JSON.stringify(Key);
      const lags = old.get(key);
      if (lags !== undefined && !ConsistentRead)
        return structuredClone(lags) as Awaited<ReturnType<typeof next>>;
      const result = await next(args);
      if (recording) old.set(key, { output: structuredClone(result.output), response: {} });
      const { opened, reach } = held ?? {};
      held = undefined; // the first alone waits
      reach?.();
      await opened;
      return result;
    },
    { step: "initialize", name: "intercepted", priority: "high" },
  );
  return {
    /** The next read has its answer, and waits with it. */
    hold: () => {
      const { promise: opened, resolve: open } = Promise.withResolvers<void>();
      const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
      held = { opened, reach };
      return { open, reached };
    },
    /** Replicas have a link as it is now, whatever becomes of it. */
    lag: async (name: LinkName) => {
      recording = true;
      await find(name);
      recording = false;
    },
    clear: () => {
      held = undefined;
      old.clear();
    },
  };
};
