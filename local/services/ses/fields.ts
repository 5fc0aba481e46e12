/** Inputs of a resource, read loosely: what is not of the form is not there. */
export type Fields = Readonly<Record<string, unknown>>;

/** An object; empty when it is none. */
export const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null ? (value as Fields) : {};

/** A text that says something. */
export const textOf = (value: unknown): string | undefined =>
  typeof value === "string" && value ? value : undefined;

/** A list; empty when it is none. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
