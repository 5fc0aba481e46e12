import type { Context } from "./context.ts";
import type { Stats } from "./options.ts";

/** Figures of this process, copied. */
export const statsOf = ({ figures, link, l1, lagMs }: Context): Stats => ({
  ...structuredClone(figures),
  store: link?.store.name ?? "none",
  ...l1.size(),
  breaker: link?.breaker.state() ?? "closed",
  lagMs: Math.max(lagMs, link?.store.lagMs?.() ?? 0, link?.feed.lagMs() ?? 0),
});
