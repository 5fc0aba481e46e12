import { Problem } from "#core/kit/problem.ts";

const MAX_KEY_BYTES = 1_024;
const MAX_TAG_BYTES = 128;
const MAX_TAGS = 10;
const NAMESPACE = /^[A-Za-z0-9._/-]{1,200}$/;

/** How keys, tags and the namespace itself are called in the store. A namespace has no colon, so no two names meet. */
export interface Names {
  readonly key: (key: string) => string;
  /** The key of a name, where it is of this namespace. */
  readonly own: (name: string) => string | undefined;
  /** The mark of a tag; of '' (no tag is empty): the namespace's. */
  readonly mark: (tag: string) => string;
  /** Its own mark, then those of the tags. */
  readonly marks: (tags: readonly string[]) => readonly string[];
  readonly tags: (marks: Iterable<string>) => readonly string[];
}

const refuse = (detail: string) => new Problem("invalid-request", detail);

/** Names in a namespace. */
export const namesIn = (namespace: string): Names => {
  if (!NAMESPACE.test(namespace))
    throw refuse("A namespace is 1 to 200 letters, digits, dots, slashes or dashes");
  const prefix = `${namespace}:`;
  const mark = (tag: string) => prefix + tag;
  return {
    key: mark,
    own: (name) => (name.startsWith(prefix) ? name.slice(prefix.length) : undefined),
    mark,
    marks: (tags) => [prefix, ...tags.map(mark)],
    tags: (marks) => [...marks].filter((name) => name !== prefix).map((name) => name.slice(prefix.length)),
  };
};

const bytesOf = (text: string) => Buffer.byteLength(text);

/** Refuses what is no key, before anything is asked. */
export const checkKey = (key: string): void => {
  if (typeof key !== "string" || key === "") throw refuse("A key is a text that is not empty");
  if (bytesOf(key) > MAX_KEY_BYTES) throw refuse(`A key is at most ${MAX_KEY_BYTES} bytes`);
};

/** Refuses what are no tags. */
export const checkTags = (tags: readonly string[]): void => {
  if (tags.length > MAX_TAGS) throw refuse(`An entry bears at most ${MAX_TAGS} tags`);
  for (const tag of tags) {
    if (typeof tag !== "string" || tag === "") throw refuse("A tag is a text that is not empty");
    if (bytesOf(tag) > MAX_TAG_BYTES) throw refuse(`A tag is at most ${MAX_TAG_BYTES} bytes`);
  }
};

/** Refuses what is no length of time. */
export const checkTime = (name: string, ms: number | undefined): void => {
  if (ms !== undefined && !(ms >= 0)) throw refuse(`${name} is 0 or more milliseconds`);
};
