import { InvalidPattern } from "./pattern-error.ts";
import { type Dialect, type FieldTest, type Scalar, valueTest } from "./pattern-values.ts";

// The pattern language of EventBridge, of SNS filter policies and event source mappings, as https://github.com/aws/event-ruler documents it: a pattern becomes one or more
// conjunctions ($or multiplies them) of "field path → any of these tests"; an event becomes a list of leaves.

/** Where a leaf stood in every array above it: two leaves may serve one match only if they agree on each shared array. */
type Membership = ReadonlyMap<string, number>;
interface Leaf {
  readonly value: Scalar;
  readonly at: Membership;
}
type Conjunction = ReadonlyMap<string, readonly FieldTest[]>;

export interface PatternOptions {
  /** `events` unless stated. */
  readonly dialect?: Dialect;
}

/** Compiles an event pattern; the predicate says whether an event matches. Throws `InvalidPattern`, worded as AWS. */
export const compilePattern = (
  pattern: unknown,
  options: PatternOptions = {},
): ((event: unknown) => boolean) => {
  if (!isObject(pattern)) throw new InvalidPattern("Filter is not an object");
  const rules = parseObject(pattern, "", options.dialect ?? "events", [new Map()]).map((rule) =>
    [...rule].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)),
  );
  return (event) => {
    const leaves = flatten(event);
    return rules.some((rule) => matches(rule, leaves, 0, new Map()));
  };
};

// Backtracks over the leaves of each path in turn; patterns name few paths and events few leaves per path.
const matches = (
  rule: readonly (readonly [string, readonly FieldTest[]])[],
  leaves: ReadonlyMap<string, readonly Leaf[]>,
  index: number,
  at: Membership,
): boolean => {
  const step = rule[index];
  if (!step) return true;
  const [path, tests] = step;
  const present: { leaf: Leaf; at: Membership }[] = [];
  for (const leaf of leaves.get(path) ?? []) {
    const joined = join(at, leaf.at);
    if (joined) present.push({ leaf, at: joined });
  }
  if (present.length === 0) return tests.some((test) => test.absent) && matches(rule, leaves, index + 1, at);
  return present.some(
    (p) => tests.some((test) => test.matches(p.leaf.value)) && matches(rule, leaves, index + 1, p.at),
  );
};

const join = (a: Membership, b: Membership): Membership | undefined => {
  if (b.size === 0) return a;
  if (a.size === 0) return b;
  for (const [array, index] of b) if ((a.get(array) ?? index) !== index) return undefined;
  return new Map([...a, ...b]);
};

const flatten = (event: unknown): Map<string, Leaf[]> => {
  const leaves = new Map<string, Leaf[]>();
  let arrays = 0;
  const visit = (value: unknown, path: string, at: Membership): void => {
    if (Array.isArray(value)) {
      const array = `${arrays++}`;
      value.forEach((item, index) => {
        // A plain value in an array is one of the field's values; only objects bind their fields together.
        visit(item, path, isContainer(item) ? new Map([...at, [array, index]]) : at);
      });
      return;
    }
    if (isObject(value)) {
      for (const [key, child] of Object.entries(value)) visit(child, path ? `${path}.${key}` : key, at);
      return;
    }
    const known = leaves.get(path);
    const leaf = { value: value as Scalar, at };
    if (known) known.push(leaf);
    else leaves.set(path, [leaf]);
  };
  visit(event, "", new Map());
  return leaves;
};

const isContainer = (value: unknown): boolean => typeof value === "object" && value !== null;

const isObject = (value: unknown): value is Record<string, unknown> =>
  isContainer(value) && !Array.isArray(value);

const parseObject = (
  object: Record<string, unknown>,
  path: string,
  dialect: Dialect,
  rules: readonly Conjunction[],
): readonly Conjunction[] => {
  const fields = Object.entries(object);
  if (fields.length === 0) throw new InvalidPattern("Empty objects are not allowed");
  return fields.reduce((sofar, [key, value]) => {
    if (key === "$or" && isOr(value))
      return value.flatMap((branch) => parseObject(branch, path, dialect, sofar));
    const name = path ? `${path}.${key}` : key;
    if (isObject(value)) return parseObject(value, name, dialect, sofar);
    if (!Array.isArray(value)) throw new InvalidPattern(`"${key}" must be an object or an array`);
    if (value.length === 0) throw new InvalidPattern("Empty arrays are not allowed");
    const tests = value.map((item) => valueTest(item, dialect));
    return sofar.map((rule) => new Map([...rule, [name, tests]]));
  }, rules);
};

// Names that make a "$or" an ordinary field, kept by EventBridge for patterns older than the operator.
const RESERVED = new Set(
  (
    "exactly equals-ignore-case prefix suffix anything-but exists wildcard numeric cidr = < <= > >= regex not-wildcard " +
    "not-equals-ignore-case date-after date-on-or-after date-before date-on-or-before in-date-range " +
    "ip-address-in-range ip-address-not-in-range"
  ).split(" "),
);

const isOr = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) &&
  value.length >= 2 &&
  value.every((branch) => isObject(branch) && !Object.keys(branch).some((key) => RESERVED.has(key)));
