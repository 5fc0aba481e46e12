import { compilePattern } from "../../kit/pattern/pattern.ts";

/** Whether a record passes a mapping's filter criteria: any one of its filters is enough. */
export type RecordFilter = (record: { readonly body: string }) => boolean;

/** Compiles `filterCriteria` of a queue's event source mapping; undefined lets everything through. */
export const compileFilters = (criteria: unknown): RecordFilter | undefined => {
  const filters = (criteria as { filters?: { pattern?: string }[] } | undefined)?.filters ?? [];
  const tests = filters.flatMap((filter) => (filter.pattern ? [compileOne(filter.pattern)] : []));
  if (tests.length === 0) return undefined;
  return (record) => tests.some((test) => test(record));
};

// "Properly filtering Amazon SQS messages": a JSON pattern drops plain text and a text pattern drops JSON.
const compileOne = (text: string): RecordFilter => {
  const pattern: unknown = JSON.parse(text);
  const matches = compilePattern(pattern, { dialect: "lambda" });
  const body = (pattern as { body?: unknown }).body;
  if (body === undefined) return matches;
  const wantsJson = !Array.isArray(body);
  return (record) => {
    const json = parse(record.body);
    if (wantsJson !== (json !== undefined)) return false;
    return matches({ ...record, body: json ?? record.body });
  };
};

const parse = (body: string): unknown => {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
};
