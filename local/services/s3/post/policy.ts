import { fault } from "../fault.ts";

// https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html

/** What a form's policy demands. */
export interface PostPolicy {
  /** Epoch ms. */
  readonly expiration: number;
  readonly conditions: readonly Condition[];
}

/** One demand on a form. */
export type Condition =
  | {
      readonly kind: "eq" | "starts-with";
      readonly field: string;
      readonly value: string;
      readonly text: string;
    }
  | { readonly kind: "length"; readonly least: number; readonly most: number };

const invalid = (why: string) => fault("AccessDenied", {}, `Invalid according to Policy: ${why}`);
const malformed = (why: string) => fault("InvalidArgument", {}, `Invalid Policy: ${why}`);

const fieldOf = (name: unknown): string => {
  if (typeof name !== "string" || !name.startsWith("$")) throw malformed("Invalid Condition field.");
  return name.slice(1).toLowerCase();
};

const readList = (list: readonly unknown[]): Condition => {
  const [kind, name, value] = list;
  const operator = String(kind).toLowerCase();
  if (list.length !== 3) throw malformed("Invalid Condition: expecting three elements.");
  if (operator === "content-length-range") {
    const [least, most] = [Number(name), Number(value)];
    if (!Number.isSafeInteger(least) || !Number.isSafeInteger(most) || least < 0 || most < least) {
      throw malformed("Invalid content-length-range.");
    }
    return { kind: "length", least, most };
  }
  if (operator !== "eq" && operator !== "starts-with") throw malformed(`Invalid operator ${operator}.`);
  if (typeof value !== "string") throw malformed("Invalid Condition value.");
  return { kind: operator, field: fieldOf(name), value, text: `["${operator}", "${name}", "${value}"]` };
};

const readCondition = (given: unknown): Condition[] => {
  if (Array.isArray(given)) return [readList(given)];
  if (typeof given !== "object" || given === null) throw malformed("Invalid Condition.");
  return Object.entries(given).map(([name, value]) => readList(["eq", `$${name}`, value]));
};

/** Reads a policy as the form carries it, in base64. */
export const readPolicy = (encoded: string): PostPolicy => {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(encoded, "base64").toString("utf8"));
  } catch {
    throw malformed("Invalid JSON.");
  }
  const { expiration, conditions } = (document ?? {}) as { expiration?: unknown; conditions?: unknown };
  const at = typeof expiration === "string" ? Date.parse(expiration) : Number.NaN;
  if (Number.isNaN(at)) throw malformed("Policy missing expiration.");
  if (!Array.isArray(conditions)) throw malformed("Policy missing conditions.");
  return { expiration: at, conditions: conditions.flatMap(readCondition) };
};

/** Fields that a policy need not speak of. */
const EXEMPT = /^(x-amz-signature|signature|awsaccesskeyid|policy|file|bucket|x-ignore-.*)$/;

const holds = (condition: Extract<Condition, { field: string }>, value: string): boolean => {
  if (condition.kind === "eq") return value === condition.value;
  // a list of types fits when each of them does
  const parts = condition.field === "content-type" ? value.split(",") : [value];
  return parts.every((part) => part.trim().startsWith(condition.value));
};

/** Throws where a form is not what its policy demands. */
export const checkForm = (
  policy: PostPolicy,
  fields: ReadonlyMap<string, string>,
  now: number,
): { least: number; most: number } => {
  if (now > policy.expiration) throw invalid("Policy expired.");
  const range = { least: 0, most: Number.POSITIVE_INFINITY };
  const spoken = new Set<string>();
  for (const condition of policy.conditions) {
    if (condition.kind === "length") {
      range.least = Math.max(range.least, condition.least);
      range.most = Math.min(range.most, condition.most);
      continue;
    }
    spoken.add(condition.field);
    if (!holds(condition, fields.get(condition.field) ?? "")) {
      throw invalid(`Policy Condition failed: ${condition.text}`);
    }
  }
  const extra = [...fields.keys()].filter((name) => !EXEMPT.test(name) && !spoken.has(name));
  if (extra.length > 0) throw invalid(`Extra input fields: ${extra.join(", ")}`);
  return range;
};
