/** Who asks. A developer with full access is asked nothing, and so is no subject. */
export type Subject =
  | { readonly kind: "role"; readonly roleArn: string; readonly sessionArn: string; readonly account: string }
  | { readonly kind: "service"; readonly service: string }
  | { readonly kind: "anonymous" };

/**
 * How a statement of a resource's policy names the subject. Naming the account only hands the decision to the
 * account's own policies.
 */
export type Named = "no" | "account" | "role" | "session" | "everyone";

interface Listed {
  readonly everyone: boolean;
  readonly aws: readonly string[];
  readonly services: readonly string[];
}

/** A compiled `Principal` or `NotPrincipal`. */
export interface Principals {
  readonly listed: Listed;
  readonly inverted: boolean;
}

const texts = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).filter((item): item is string => typeof item === "string");

const read = (value: unknown): Listed => {
  if (typeof value !== "object" || value === null) return { everyone: value === "*", aws: [], services: [] };
  const { AWS, Service } = value as { AWS?: unknown; Service?: unknown };
  const aws = texts(AWS);
  return { everyone: aws.includes("*"), aws, services: texts(Service) };
};

/** Compiles `Principal` or `NotPrincipal`; undefined when a statement has neither, as in a role's own policies. */
export const compilePrincipals = (statement: {
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
}): Principals | undefined => {
  if (statement.NotPrincipal !== undefined) return { listed: read(statement.NotPrincipal), inverted: true };
  return statement.Principal === undefined
    ? undefined
    : { listed: read(statement.Principal), inverted: false };
};

const find = (listed: Listed, subject: Subject): Named => {
  if (subject.kind === "role") {
    if (listed.aws.includes(subject.sessionArn)) return "session";
    if (listed.aws.includes(subject.roleArn)) return "role";
    if (listed.everyone) return "everyone";
    const { account } = subject;
    return listed.aws.some((arn) => arn === account || arn === `arn:aws:iam::${account}:root`)
      ? "account"
      : "no";
  }
  if (subject.kind === "service" && listed.services.includes(subject.service)) return "role";
  return listed.everyone ? "everyone" : "no";
};

/** Whether, and how, a statement names the subject. */
export const named = (principals: Principals, subject: Subject): Named => {
  const found = find(principals.listed, subject);
  if (!principals.inverted) return found;
  return found === "no" ? "everyone" : "no";
};
