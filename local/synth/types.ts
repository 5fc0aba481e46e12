import type { Resource } from "../graph/graph.ts";

/** Link properties by component name. */
export type Links = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What SST notes of every linkable component, in its `LinkRef` bookkeeping. */
export const linksOf = (resources: readonly Resource[]): Links =>
  Object.fromEntries(
    resources
      .filter(
        (r) => r.type === "sst:sst:LinkRef" && typeof r.outputs.target === "string" && r.outputs.properties,
      )
      .map((r) => [r.outputs.target, r.outputs.properties]),
  );
