import { fault, S3Fault } from "./fault.ts";
import { many, readXml, textOf } from "./xml.ts";

type Tags = Readonly<Record<string, string>>;

// Letters, digits and spaces of any script, and a few signs: what a tag may be made of.
const ALLOWED = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

const invalid = (message: string, key: string) =>
  new S3Fault("InvalidTag", { message, detail: { TagKey: key } });

/** Checks tags as S3 does: `limit` of them, keys of 1–128 characters, values of up to 256, none reserved or twice. */
const check = (pairs: readonly (readonly [string, string])[], limit: number): Tags => {
  if (pairs.length > limit) {
    const what =
      limit === 10
        ? "Object tags cannot be greater than 10"
        : `Bucket tag count cannot be greater than ${limit}`;
    throw new S3Fault("BadRequest", { message: what });
  }
  const tags: Record<string, string> = {};
  for (const [key, value] of pairs) {
    if (key.length < 1 || key.length > 128 || !ALLOWED.test(key))
      throw invalid("The TagKey you have provided is invalid", key);
    if (value.length > 256 || !ALLOWED.test(value))
      throw invalid("The TagValue you have provided is invalid", key);
    if (/^aws:/i.test(key)) throw invalid("System tags cannot be added/updated by requester", key);
    if (Object.hasOwn(tags, key)) throw invalid("Cannot provide multiple Tags with the same key", key);
    tags[key] = value;
  }
  return tags;
};

/** Tags of an object from `x-amz-tagging`, which is encoded as a query is. */
export const parseTagHeader = (header: string | undefined): Tags => {
  if (!header) return {};
  const pairs = [...new URLSearchParams(header)];
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) {
    throw fault(
      "InvalidArgument",
      { ArgumentName: "x-amz-tagging", ArgumentValue: header },
      "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters without tag name duplicates.",
    );
  }
  return check(pairs, 10);
};

/** Tags from a `<Tagging>` document. */
export const parseTagging = (text: string, limit: 10 | 50): Tags => {
  const document = readXml(text, "Tagging");
  const set = many(document, "TagSet");
  if (set.length !== 1) throw fault("MalformedXML");
  const pairs = many(set[0], "Tag").map((tag) => {
    const [key, value] = [textOf(tag, "Key"), textOf(tag, "Value")];
    if (key === undefined || value === undefined) throw fault("MalformedXML");
    return [key, value] as const;
  });
  return check(pairs, limit);
};

/** A `<TagSet>` as elements. */
export const tagSet = (tags: Tags) => ({
  TagSet: { Tag: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) },
});
