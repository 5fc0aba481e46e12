import * as v from "valibot";

/** Who a list names. Addresses and ranges in CIDR notation, IPv4 or IPv6. */
export const Listed = v.strictObject({
  kind: v.picklist(["user", "ip", "cidr", "api-key", "key"]),
  value: v.pipe(v.string(), v.minBytes(1), v.maxBytes(256)),
  /** RFC 3339; for ever unless told. */
  until: v.optional(
    v.pipe(
      v.string(),
      v.isoTimestamp(),
      v.check((text) => Number.isFinite(Date.parse(text)), "There is no such time"),
    ),
  ),
});
export type Listed = v.InferOutput<typeof Listed>;
