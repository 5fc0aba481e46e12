import { sameAddress, withinCidr } from "./pattern-cidr.ts";
import { InvalidPattern } from "./pattern-error.ts";
import { wildcard } from "./pattern-wildcard.ts";

/** What stands at a leaf of an event. */
export type Scalar = string | number | boolean | null;

/** One entry of a pattern's array. */
export interface FieldTest {
  matches(value: Scalar): boolean;
  /** True for `{ "exists": false }`, which a missing field satisfies. */
  readonly absent: boolean;
}

/**
 * Whose pattern it is. Event source mappings and pipes lack wildcards and nested anything-but; SNS lacks wildcards, knows
 * anything-but with a prefix alone, and smaller numbers.
 */
export type Dialect = "events" | "lambda" | "sns";

const present = (matches: (value: Scalar) => boolean): FieldTest => ({ matches, absent: false });
const text = (test: (value: string) => boolean): FieldTest =>
  present((value) => typeof value === "string" && test(value));

/** Compiles one entry of a pattern's array. */
export const valueTest = (item: unknown, dialect: Dialect): FieldTest => {
  if (typeof item === "string") return text((value) => value === item || sameAddress(value, item));
  if (typeof item === "number" || typeof item === "boolean" || item === null)
    return present((value) => value === item);
  if (Array.isArray(item) || typeof item !== "object")
    throw new InvalidPattern("Match value must be String, number, true, false, or null");
  const [operator, operand] = only(item);
  const compile = OPERATORS[operator];
  if (!compile || (dialect !== "events" && operator === "wildcard"))
    throw new InvalidPattern(`Unrecognized match type ${operator}`);
  return compile(operand, dialect);
};

const only = (item: object): [string, unknown] => {
  const [first, ...more] = Object.entries(item);
  if (!first) throw new InvalidPattern("Match expression name not found");
  if (more.length > 0) throw new InvalidPattern("Only one key allowed in match expression");
  return first;
};

const string = (operand: unknown, operator: string): string => {
  if (typeof operand !== "string") throw new InvalidPattern(`${operator} match pattern must be a string`);
  return operand;
};

// Ruler folds case character by character, without the locale.
const fold = (value: string): string => value.toLowerCase();

const affix =
  (name: "prefix" | "suffix") =>
  (operand: unknown, dialect: Dialect): FieldTest => {
    const found = (value: string, part: string) =>
      name === "prefix" ? value.startsWith(part) : value.endsWith(part);
    if (dialect === "sns" || typeof operand !== "object" || operand === null || Array.isArray(operand)) {
      const part = string(operand, name);
      return text((value) => found(value, part));
    }
    const [inner, part] = only(operand);
    if (inner !== "equals-ignore-case") throw new InvalidPattern(`Unsupported ${name} pattern: ${inner}`);
    const folded = fold(string(part, "equals-ignore-case"));
    return text((value) => found(fold(value), folded));
  };

const ignoreCase = (operand: unknown): FieldTest => {
  const folded = fold(string(operand, "equals-ignore-case"));
  return text((value) => fold(value) === folded);
};

const exists = (operand: unknown): FieldTest => {
  if (typeof operand !== "boolean")
    throw new InvalidPattern("exists match pattern must be either true or false.");
  return { matches: () => operand, absent: !operand };
};

const cidr = (operand: unknown): FieldTest => {
  // AWS words this one as a prefix error.
  const within = withinCidr(string(operand, "prefix"));
  return text(within);
};

const anyWildcard = (operand: unknown): FieldTest => text(wildcard(string(operand, "wildcard")));

const LIMITS: Readonly<Record<Dialect, number>> = { events: 5e9, lambda: 5e9, sns: 1e9 };

const number = (operand: unknown, name: string, dialect: Dialect): number => {
  if (typeof operand !== "number") throw new InvalidPattern(`Value of ${name} must be numeric`);
  const limit = LIMITS[dialect];
  if (Math.abs(operand) > limit)
    throw new InvalidPattern(`Value must be between -${limit / 1e9}.0E9 and ${limit / 1e9}.0E9, inclusive`);
  return operand;
};

const COMPARE: Readonly<Record<string, (value: number, bound: number) => boolean>> = {
  "=": (value, bound) => value === bound,
  "<": (value, bound) => value < bound,
  "<=": (value, bound) => value <= bound,
  ">": (value, bound) => value > bound,
  ">=": (value, bound) => value >= bound,
};

const numeric = (operand: unknown, dialect: Dialect): FieldTest => {
  if (!Array.isArray(operand)) throw new InvalidPattern("Value of numeric must be an array.");
  const [operator, operandValue, second, secondValue, ...more]: unknown[] = operand;
  if (typeof operator !== "string")
    throw new InvalidPattern(`Invalid member in numeric match: ${operator ?? "]"}`);
  const compare = COMPARE[operator];
  if (!compare) throw new InvalidPattern(`Unrecognized numeric range operator: ${operator}`);
  const bound = number(operandValue, operator === "=" ? "equals" : operator, dialect);
  const inRange = (test: (value: number) => boolean) =>
    present((value) => typeof value === "number" && Math.abs(value) <= LIMITS[dialect] && test(value));
  if (operand.length <= 2) return inRange((value) => compare(value, bound));
  if (!operator.startsWith(">")) throw new InvalidPattern("Too many elements in numeric expression");
  if (typeof second !== "string") throw new InvalidPattern(`Bad value in numeric range: ${second}`);
  const compareTop = second.startsWith("<") ? COMPARE[second] : undefined;
  if (!compareTop) throw new InvalidPattern(`Bad numeric range operator: ${second}`);
  const top = number(secondValue, second, dialect);
  if (more.length > 0) throw new InvalidPattern("Too many terms in numeric range expression");
  if (bound >= top) throw new InvalidPattern("Bottom must be less than top");
  return inRange((value) => compare(value, bound) && compareTop(value, top));
};

// Anything-but is satisfied by any present leaf that none of the tests accepts, whatever its type.
const none = (tests: readonly FieldTest[]): FieldTest =>
  present((value) => !tests.some((test) => test.matches(value)));

const anythingBut = (operand: unknown, dialect: Dialect): FieldTest => {
  if (typeof operand === "string" || typeof operand === "number") return none([valueTest(operand, dialect)]);
  if (Array.isArray(operand)) {
    const kinds = new Set(operand.map((item) => typeof item));
    if (kinds.difference(new Set(["string", "number"])).size > 0)
      throw new InvalidPattern("Inside anything but list, start|null|boolean is not supported.");
    if (kinds.size !== 1)
      throw new InvalidPattern(
        "Inside anything but list, either all values are number or string, mixed type is not supported",
      );
    return none(operand.map((item) => valueTest(item, dialect)));
  }
  if (typeof operand !== "object" || operand === null)
    throw new InvalidPattern("Value of anything-but must be an array or single string/number value.");
  const [operator, inner] = only(operand);
  if (!NESTED[dialect].has(operator))
    throw new InvalidPattern(`Unsupported anything-but pattern: ${operator}`);
  return none(nestedOperands(operator, inner).map((part) => valueTest({ [operator]: part }, dialect)));
};

/** What may stand within anything-but. */
const NESTED: Readonly<Record<Dialect, ReadonlySet<string>>> = {
  events: new Set(["prefix", "suffix", "equals-ignore-case", "wildcard"]),
  lambda: new Set(),
  sns: new Set(["prefix"]),
};

const nestedOperands = (operator: string, inner: unknown): readonly string[] => {
  const parts: unknown[] = Array.isArray(inner) ? inner : [inner];
  const strings = parts.filter((part) => typeof part === "string");
  const affixed = operator === "prefix" || operator === "suffix";
  if (strings.length !== parts.length || parts.length === 0) {
    if (affixed) throw new InvalidPattern("prefix/suffix match pattern must be a string");
    throw new InvalidPattern(
      operator === "wildcard"
        ? "wildcard match pattern must be a string"
        : "Inside anything-but/ignore-case list, number|start|null|boolean is not supported.",
    );
  }
  if (affixed && strings.includes("")) throw new InvalidPattern("Null prefix/suffix not allowed");
  return strings;
};

const OPERATORS: Readonly<Record<string, (operand: unknown, dialect: Dialect) => FieldTest>> = {
  exactly: (operand) => {
    const exact = string(operand, "exact");
    return text((value) => value === exact);
  },
  prefix: affix("prefix"),
  suffix: affix("suffix"),
  "equals-ignore-case": ignoreCase,
  wildcard: anyWildcard,
  "anything-but": anythingBut,
  numeric,
  cidr,
  exists,
};
