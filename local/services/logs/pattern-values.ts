import { InvalidPattern, type Token } from "./pattern-tokens.ts";

/** What a comparison looks at: absent, or any JSON value. */
export type Found = { readonly exists: false } | { readonly exists: true; readonly value: unknown };

/** Tests one looked-up value. */
export type ValueTest = (found: Found) => boolean;

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

const toRegex = (source: string): RegExp => {
  try {
    return new RegExp(source);
  } catch {
    throw new InvalidPattern(`Invalid regular expression %${source}%`);
  }
};

const wildcard = (text: string): RegExp =>
  new RegExp(
    `^${text
      .split("*")
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
    "s",
  );

const textOf = (value: unknown): string | undefined =>
  typeof value === "string" || typeof value === "number" || typeof value === "boolean"
    ? String(value)
    : undefined;

const equality = (operand: Token): ((value: unknown) => boolean) => {
  const { type, text } = operand;
  if (type === "regex") {
    const regex = toRegex(text);
    return (value) => regex.test(textOf(value) ?? "");
  }
  if (type === "word" && text === "*") return (value) => value !== null;
  if (text.includes("*")) {
    const regex = wildcard(text);
    return (value) => textOf(value) !== undefined && regex.test(textOf(value) ?? "");
  }
  if (type === "word" && NUMBER.test(text))
    return (value) => (typeof value === "number" ? value === Number(text) : textOf(value) === text);
  return (value) => textOf(value) === text;
};

const ORDER: Record<string, (a: number, b: number) => boolean> = {
  "<": (a, b) => a < b,
  ">": (a, b) => a > b,
  "<=": (a, b) => a <= b,
  ">=": (a, b) => a >= b,
};

/** A comparison with `operand`. A field that is absent matches neither `=` nor `!=`. */
export const comparison = (operator: string, operand: Token): ValueTest => {
  const order = ORDER[operator];
  if (order) {
    if (!NUMBER.test(operand.text)) throw new InvalidPattern(`${operator} needs a number: ${operand.text}`);
    const limit = Number(operand.text);
    return (found) => {
      if (!found.exists || textOf(found.value) === undefined || found.value === "") return false;
      const value = Number(found.value);
      return !Number.isNaN(value) && order(value, limit);
    };
  }
  const equal = equality(operand);
  return (found) => found.exists && equal(found.value) === (operator === "=");
};

/** Looks up `$.a.b[0].c`, `$.list[*]` or `$.['a.b']`; more than one value for a wildcard. */
export const selector = (text: string): ((root: unknown) => readonly Found[]) => {
  const steps = [...text.matchAll(/\.?\[(?:(\d+|\*)|'([^']*)'|"([^"]*)")\]|\.([\w@:-]+)/g)].map(
    ([, index, single, double, plain]) => index ?? single ?? double ?? plain ?? "",
  );
  const step = (found: Found, key: string): Found[] => {
    if (!found.exists || typeof found.value !== "object" || found.value === null) return [{ exists: false }];
    if (key === "*" && Array.isArray(found.value))
      return found.value.map((value: unknown) => ({ exists: true, value }));
    return Object.hasOwn(found.value, key)
      ? [{ exists: true, value: (found.value as Record<string, unknown>)[key] }]
      : [{ exists: false }];
  };
  return (root) =>
    steps.reduce<Found[]>(
      (all, key) => all.flatMap((found) => step(found, key)),
      [{ exists: true, value: root }],
    );
};
