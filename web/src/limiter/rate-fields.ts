import { type BareItem, isInnerList, parseList } from "structured-headers";

/** One item of `RateLimit-Policy` or `RateLimit`: the policy's name, and its parameters as they came. */
export interface RateItem {
  readonly name: string;
  readonly params: Readonly<Record<string, number | string>>;
}

const plain = (value: BareItem): number | string => (typeof value === "number" ? value : String(value));

/** Reads a field of draft-ietf-httpapi-ratelimit-headers (a List of RFC 9651); what is none gives nothing. */
export const parseRateField = (field: string | undefined): readonly RateItem[] => {
  if (field === undefined) return [];
  try {
    return parseList(field).flatMap((item) =>
      isInnerList(item)
        ? []
        : [
            {
              name: String(item[0]),
              params: Object.fromEntries([...item[1]].map(([name, value]) => [name, plain(value)])),
            },
          ],
    );
  } catch {
    return [];
  }
};
