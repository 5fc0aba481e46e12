import type { FaultDetail } from "./fault.ts";
import { fault } from "./fault.ts";
import type { ObjectVersion } from "./types.ts";
import { matchesEtag } from "./writes.ts";

type Headers = Readonly<Record<string, string>>;

// HTTP dates tell seconds, objects' times have milliseconds.
const seconds = (ms: number) => Math.floor(ms / 1_000);

const dateOf = (header: string | undefined): number | undefined => {
  const ms = header === undefined ? Number.NaN : Date.parse(header);
  return Number.isNaN(ms) ? undefined : ms; // a date nobody can read is as good as none (RFC 7232, 3.3)
};

/** What the conditions of a read come to: RFC 7232, section 6. Undefined lets it through. */
export const checkRead = (
  headers: Headers,
  { etag, modified }: Pick<ObjectVersion, "etag" | "modified">,
  prefix = "",
): { readonly status: 304 | 412; readonly condition: string } | undefined => {
  const named = (name: string) => headers[prefix + name.toLowerCase()];
  const [match, noneMatch] = [named("If-Match"), named("If-None-Match")];
  const [since, before] = [dateOf(named("If-Modified-Since")), dateOf(named("If-Unmodified-Since"))];
  const at = seconds(modified);
  if (match !== undefined && !matchesEtag(match, etag)) return { status: 412, condition: "If-Match" };
  if (match === undefined && before !== undefined && at > seconds(before)) {
    return { status: 412, condition: "If-Unmodified-Since" };
  }
  if (noneMatch !== undefined) {
    return matchesEtag(noneMatch, etag) ? { status: 304, condition: "If-None-Match" } : undefined;
  }
  return since !== undefined && at <= seconds(since)
    ? { status: 304, condition: "If-Modified-Since" }
    : undefined;
};

/** Refuses a copy whose source is not as the caller wants it: 412 whatever the condition. */
export const checkCopySource = (headers: Headers, source: ObjectVersion): void => {
  const failed = checkRead(headers, source, "x-amz-copy-source-");
  const detail: FaultDetail = { Condition: `x-amz-copy-source-${failed?.condition}` };
  if (failed) throw fault("PreconditionFailed", detail);
};

/** A run of bytes, both ends inclusive. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` header: undefined for none, for several and for what cannot be read, which all mean the whole object.
 * Throws InvalidRange where there is no such byte.
 */
export const readRange = (header: string | undefined, size: number): Range | undefined => {
  const [, from = "", to = ""] = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/.exec(header ?? "") ?? [];
  if (from === "" && to === "") return undefined;
  if (from !== "" && to !== "" && Number(from) > Number(to)) return undefined;
  const start = from === "" ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === "" || to === "" ? size - 1 : Math.min(Number(to), size - 1);
  if (start >= size || (from === "" && Number(to) === 0)) {
    throw fault("InvalidRange", { RangeRequested: header, ActualObjectSize: size });
  }
  return { start, end };
};
