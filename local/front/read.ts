/** Graph inputs are `unknown`: these read them without trusting their shape. */
export type Fields = Readonly<Record<string, unknown>>;

/** A non-empty string, else undefined. */
export const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : undefined;

/** A finite number, else undefined; Pulumi may hand numbers as text. */
export const number = (value: unknown): number | undefined => {
  const parsed = typeof value === "string" && value !== "" ? Number(value) : value;
  return typeof parsed === "number" && Number.isFinite(parsed) ? parsed : undefined;
};

/** An object's fields, else none. */
export const fields = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {};

/** A list, else an empty one. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The strings of a list. */
export const texts = (value: unknown): string[] =>
  list(value).filter((item): item is string => typeof item === "string");

/** A map of strings: other values are left out. */
export const textMap = (value: unknown): Record<string, string> =>
  Object.fromEntries(
    Object.entries(fields(value)).filter((pair): pair is [string, string] => typeof pair[1] === "string"),
  );
