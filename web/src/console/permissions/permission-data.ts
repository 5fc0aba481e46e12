import * as v from "valibot";

const Grant = v.object({
  action: v.string(),
  resource: v.string(),
  policy: v.string(),
  source: v.optional(v.string()),
  uses: v.number(),
});
/** One action on one resource that a role may do. */
export type Grant = v.InferOutput<typeof Grant>;

const Holder = v.object({
  name: v.string(),
  handler: v.optional(v.string()),
  source: v.optional(v.string()),
  grants: v.array(Grant),
});
/** A function, or a role of AWS's services, and what it may do. */
export type Holder = v.InferOutput<typeof Holder>;

const Denial = v.object({
  who: v.string(),
  action: v.string(),
  resource: v.string(),
  why: v.string(),
  source: v.optional(v.string()),
  grant: v.optional(v.string()),
  count: v.number(),
});
/** A refusal, and how often it was given. */
export type Denial = v.InferOutput<typeof Denial>;

/** What was granted, used and refused since the start. */
export const Report = v.object({ holders: v.array(Holder), denials: v.array(Denial) });

/** Grants of one resource together, and how many of them were ever used. */
export interface OnResource {
  readonly resource: string;
  readonly grants: readonly Grant[];
}

/** Grants by resource, in the order they are first granted. */
export const byResource = (grants: readonly Grant[]): readonly OnResource[] =>
  Object.entries(Object.groupBy(grants, ({ resource }) => resource)).map(([resource, some = []]) => ({
    resource,
    grants: some,
  }));

/** How many grants were never used. */
export const unused = ({ grants }: Pick<Holder, "grants">): number =>
  grants.filter(({ uses }) => uses === 0).length;
