import * as v from "valibot";
import { Code, limits, UrlText } from "./link.schema.ts";

/** Query of `GET /api/v1/links`. */
export const LinkQuery = v.strictObject({
  cursor: v.optional(v.pipe(v.string(), v.maxLength(2_048))),
  limit: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,3}$/), v.transform(Number), v.minValue(1), v.maxValue(limits.pageSize)),
    "20",
  ),
  /** Reverse look-up: only the links that lead to this URL. */
  url: v.optional(UrlText),
});

/** Query of `GET …/stats`: the last `days` days, today included (UTC). */
export const StatsQuery = v.strictObject({
  days: v.optional(
    v.pipe(v.string(), v.regex(/^\d{1,3}$/), v.transform(Number), v.minValue(1), v.maxValue(366)),
    "30",
  ),
});

/** Query of `GET …/qr`. */
export const QrQuery = v.strictObject({
  format: v.optional(v.picklist(["svg", "png"]), "svg"),
  /** Edge in pixels. */
  size: v.optional(
    v.pipe(v.string(), v.regex(/^\d{2,4}$/), v.transform(Number), v.minValue(64), v.maxValue(2_048)),
    "256",
  ),
});

/** Path of every operation on one link. */
export const LinkPath = v.strictObject({ hash: Code });
/** The link's short domain, where it is not the one asked. */
export const DomainQuery = v.strictObject({
  domain: v.optional(v.pipe(v.string(), v.toLowerCase(), v.maxLength(253))),
});
