type Input = Readonly<Record<string, unknown>> | URLSearchParams;

const memberOf = (input: Input, name: string): unknown =>
  input instanceof URLSearchParams ? (input.get(name) ?? undefined) : input[name];

/** A text that a view or an action of the console may be given; empty is none. */
export const givenText = (input: Input, name: string): string | undefined => {
  const value = memberOf(input, name);
  if (value === undefined || value === null || value === "") return undefined;
  if (typeof value !== "string") throw new Error(`"${name}" takes a text.`);
  return value;
};

/** A text that a view or an action of the console needs. */
export const neededText = (input: Input, name: string): string => {
  const value = givenText(input, name);
  if (value === undefined) throw new Error(`"${name}" is missing.`);
  return value;
};

/** A whole number within bounds that may be given. */
export const givenNumber = (input: Input, name: string, min: number, max: number): number | undefined => {
  const value = memberOf(input, name);
  if (value === undefined || value === null || value === "") return undefined;
  const number = typeof value === "number" ? value : Number(value);
  if (Number.isInteger(number) && number >= min && number <= max) return number;
  throw new Error(`"${name}" takes a whole number from ${min} to ${max}.`);
};
