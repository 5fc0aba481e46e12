import { Problem } from "#core/kit/problem.ts";
import { type EntryName, namespaceOf } from "./entries.ts";
import { readRecord } from "./records.ts";

/** The record behind an entry, as it stands, as JSON text: 1 strong read. The cache is neither asked nor told. */
export const recordBehind = async ({ user, namespace, key }: EntryName): Promise<string> => {
  const value = await readRecord(`${namespaceOf(user, namespace)}:${key}`);
  if (value === undefined) throw new Problem("not-found", "No record is kept under this key");
  return `{"key":${JSON.stringify(key)},"value":${value}}`;
};
