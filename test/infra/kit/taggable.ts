import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const types = join(import.meta.dirname, "../../../.sst/platform/node_modules/@pulumi/aws");
const known = new Map<string, boolean>();

const declaresTags = (type: string): boolean => {
  const [, file] = /^aws:([\w-]+\/\w+):\w+$/.exec(type) ?? [];
  if (file === undefined) return false;
  const path = join(types, `${file}.d.ts`);
  return existsSync(path) && /^ {4}tags\?: pulumi\.Input<\{/m.test(readFileSync(path, "utf8"));
};

/** Whether AWS lets a resource of this Pulumi type carry tags: its provider's own declaration says so. */
export const isTaggable = (type: string): boolean => {
  const before = known.get(type);
  if (before !== undefined) return before;
  const answer = declaresTags(type);
  known.set(type, answer);
  return answer;
};
