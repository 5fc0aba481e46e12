import * as v from "valibot";

// Rules are data: they come from tests, from the web app, from a file. Anything unknown in them is refused by name.

const REGEXP = /^\/(.+)\/([imsu]*)$/s;

const isPattern = (text: string) => {
  const [, source, flags] = REGEXP.exec(text) ?? [];
  if (source === undefined) return true;
  try {
    return RegExp(source, flags) instanceof RegExp;
  } catch {
    return false;
  }
};

const Pattern = v.pipe(
  v.string(),
  v.minLength(1, "is empty"),
  v.maxLength(512, "is longer than 512 characters"),
  v.check(isPattern, "is no regular expression"),
);
const Patterns = v.union(
  [Pattern, v.pipe(v.array(Pattern), v.minLength(1, "names nothing"), v.maxLength(50, "names more than 50"))],
  "is a text with * and ?, a /regular expression/, or a list of those",
);

const HOUR_MS = 3_600_000;
const Milliseconds = v.pipe(
  v.number(),
  v.minValue(0, "is negative"),
  v.maxValue(24 * HOUR_MS, "is over a day"),
);
const Count = v.pipe(v.number(), v.integer("is no whole number"), v.minValue(1, "is below 1"));
const Effect = v.picklist(["before", "after"], 'is "before" or "after" the effect');

const Code = v.pipe(v.string(), v.regex(/^[\w.:#-]{1,128}$/, "is no error code"));

/** What goes wrong. */
export const FaultSchema = v.variant(
  "kind",
  [
    /** Refused as its service words it; nothing takes place. */
    v.strictObject({ kind: v.literal("throttle") }),
    /** The service's own 5xx, or the one stated; nothing takes place. */
    v.strictObject({
      kind: v.literal("error"),
      status: v.optional(v.pipe(v.number(), v.integer(), v.minValue(400), v.maxValue(599))),
      code: v.optional(Code),
      message: v.optional(v.pipe(v.string(), v.maxLength(1_000))),
    }),
    /** The caller never hears, and waits until it gives up or `ms` have passed. */
    v.strictObject({ kind: v.literal("timeout"), effect: v.optional(Effect), ms: v.optional(Milliseconds) }),
    /** The connection is cut. */
    v.strictObject({ kind: v.literal("drop"), effect: v.optional(Effect) }),
    /** Everything takes longer. `ms` is the time, the most, the mean or the least, by distribution. */
    v.strictObject({
      kind: v.literal("latency"),
      ms: Milliseconds,
      distribution: v.optional(v.picklist(["fixed", "uniform", "exponential", "pareto"])),
      max: v.optional(Milliseconds),
    }),
    /** Some entries of a batch are refused, the others take place. */
    v.strictObject({
      kind: v.literal("partial"),
      share: v.optional(v.pipe(v.number(), v.gtValue(0, "is not above 0"), v.maxValue(1, "is above 1"))),
    }),
    /** What is handed over arrives `times` more often. */
    v.strictObject({
      kind: v.literal("duplicate"),
      times: v.optional(v.pipe(Count, v.maxValue(20, "is above 20"))),
      delays: v.optional(v.pipe(v.array(Milliseconds), v.minLength(1), v.maxLength(20))),
    }),
    /** What is handed over waits until `window` of its kind have come, or `ms` have passed, and goes on in another order. */
    v.strictObject({
      kind: v.literal("reorder"),
      window: v.optional(v.pipe(Count, v.minValue(2, "is below 2"), v.maxValue(1_000, "is above 1000"))),
      ms: v.optional(Milliseconds),
    }),
    /** The execution environment ends: the one that calls, or the one that is given an event. */
    v.strictObject({ kind: v.literal("crash"), effect: v.optional(Effect) }),
    /** A function's clock is off by `ms`. */
    v.strictObject({
      kind: v.literal("skew"),
      ms: v.pipe(v.number(), v.integer(), v.minValue(-24 * HOUR_MS), v.maxValue(24 * HOUR_MS)),
    }),
    /** No environment is warm. */
    v.strictObject({ kind: v.literal("cold") }),
    /** From the first call it strikes, nothing of the kind is served for `ms`. */
    v.strictObject({ kind: v.literal("outage"), ms: v.pipe(Milliseconds, v.minValue(1)) }),
  ],
  "is no kind of fault",
);

/** When a rule strikes, of all that it is on. Every condition stated must hold. */
export const WhenSchema = v.strictObject({
  probability: v.optional(v.pipe(v.number(), v.minValue(0, "is below 0"), v.maxValue(1, "is above 1"))),
  /** The n-th occurrence, counted from 1, or several. */
  nth: v.optional(v.union([Count, v.pipe(v.array(Count), v.minLength(1), v.maxLength(10_000))])),
  /** Each n-th occurrence. */
  every: v.optional(Count),
  /** At most that many strikes. */
  times: v.optional(Count),
  /** Only the first n occurrences. */
  first: v.optional(Count),
  /** Milliseconds from when the rule was added. */
  after: v.optional(Milliseconds),
  until: v.optional(Milliseconds),
  /** Occurrences are counted apart for each of these; `times` too. */
  per: v.optional(v.picklist(["invocation", "function", "target", "key"])),
});

/** What a rule is on. What is left out matches everything. */
export const OnSchema = v.strictObject({
  /** Signing name: `dynamodb`, `sqs`, `lambda`, … */
  service: v.optional(Patterns),
  operation: v.optional(Patterns),
  /** The function that calls, or that is given an event: its name, its name in the stacks, or its ARN. */
  function: v.optional(Patterns),
  /** The resource concerned: its name or its ARN. */
  target: v.optional(Patterns),
  /** An item's key, an object's key, a message's group, … */
  key: v.optional(Patterns),
});

/** A rule as tests and the web app write it. */
export const RuleSchema = v.strictObject({
  id: v.optional(v.pipe(v.string(), v.regex(/^[\w.:-]{1,64}$/, "takes 64 letters, digits, and _ . : -"))),
  on: v.optional(OnSchema, {}),
  when: v.optional(WhenSchema, {}),
  fault: FaultSchema,
});

/** A rule as it is written. */
export type Rule = v.InferInput<typeof RuleSchema>;
/** A rule as it was taken. */
export type CheckedRule = v.InferOutput<typeof RuleSchema> & { readonly id: string };
export type Fault = v.InferOutput<typeof FaultSchema>;
export type FaultKind = Fault["kind"];
export type FaultOf<Kind extends FaultKind> = Extract<Fault, { kind: Kind }>;
export type When = v.InferOutput<typeof WhenSchema>;
export type On = v.InferOutput<typeof OnSchema>;

/** What is wrong with a rule: where, and what. */
export interface RuleIssue {
  /** JSON pointer. */
  readonly pointer: string;
  readonly message: string;
}

/** A rule that cannot be taken. Its message names every place. */
export class InvalidRule extends Error {
  readonly issues: readonly RuleIssue[];

  constructor(issues: readonly RuleIssue[]) {
    super(`No rule: ${issues.map(({ pointer, message }) => `${pointer || "it"} ${message}`).join("; ")}`);
    this.name = "InvalidRule";
    this.issues = issues;
  }
}

const issueOf = (issue: v.BaseIssue<unknown>): RuleIssue => ({
  pointer: (issue.path ?? []).map(({ key }) => `/${String(key)}`).join(""),
  message:
    issue.type === "strict_object" && issue.expected === "never"
      ? "is unknown here"
      : issue.received === "undefined"
        ? "is missing"
        : issue.message,
});

/** Checks a rule of unknown origin. Throws `InvalidRule`. */
export const parseRule = (rule: unknown): v.InferOutput<typeof RuleSchema> => {
  const parsed = v.safeParse(RuleSchema, rule);
  if (!parsed.success) throw new InvalidRule(parsed.issues.map(issueOf));
  const { after, until } = parsed.output.when;
  if (after !== undefined && until !== undefined && until <= after)
    throw new InvalidRule([{ pointer: "/when/until", message: "is not later than after" }]);
  return parsed.output;
};
