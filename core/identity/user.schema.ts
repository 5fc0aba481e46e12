import * as v from "valibot";

/** Who a token speaks for. */
export const User = v.object({
  /** The issuer's subject: a UUID. */
  id: v.pipe(v.string(), v.minLength(1)),
  name: v.string(),
  /** Groups of the user pool: `admins` may moderate. */
  groups: v.array(v.string()),
});
export type User = v.InferOutput<typeof User>;
