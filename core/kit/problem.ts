import * as v from "valibot";

/** Every way a request can fail: kind → status and title. OpenAPI and the web client read this table too. */
export const problemKinds = {
  "invalid-request": { status: 400, title: "The request does not have the shape this operation takes" },
  "malformed-json": { status: 400, title: "The body is not JSON" },
  unauthenticated: { status: 401, title: "Sign in first" },
  "sign-in-failed": { status: 401, title: "The e-mail or the password is wrong" },
  "password-required": { status: 401, title: "This link asks for a password" },
  forbidden: { status: 403, title: "This is not yours" },
  "api-key-required": { status: 403, title: "This operation asks for an API key as well" },
  "not-found": { status: 404, title: "There is nothing here" },
  "method-not-allowed": { status: 405, title: "This method is not offered here" },
  "account-exists": { status: 409, title: "There is an account with this e-mail" },
  "slug-taken": { status: 409, title: "This short code is taken" },
  "edit-conflict": { status: 409, title: "Somebody else changed this first" },
  "too-many-rules": { status: 409, title: "There are as many of these as there may be" },
  "link-expired": { status: 410, title: "This link has expired" },
  "link-exhausted": { status: 410, title: "This link has been used as often as it may be" },
  "link-disabled": { status: 410, title: "This link is switched off" },
  "payload-too-large": { status: 413, title: "The body is too large" },
  "value-too-large": { status: 413, title: "This value is larger than the cache keeps" },
  "unsupported-media-type": { status: 415, title: "Send application/json" },
  "unsafe-url": { status: 422, title: "This URL cannot be shortened" },
  "self-link": { status: 422, title: "This URL is already a short link of ours" },
  "reserved-word": { status: 422, title: "This short code is reserved" },
  "quota-exceeded": { status: 429, title: "Too many requests" },
  "link-blocked": { status: 451, title: "This link was removed" },
  internal: { status: 500, title: "Something went wrong on our side" },
  unavailable: { status: 503, title: "Try again in a moment" },
} as const satisfies Record<string, { status: number; title: string }>;

export type ProblemKind = keyof typeof problemKinds;

/** One thing wrong with the input. `pointer` is an RFC 6901 JSON pointer into the part named by `in`. */
export interface Issue {
  readonly in: "body" | "query" | "path" | "header";
  readonly pointer: string;
  readonly message: string;
}

/** Members of the problem document beyond type, title, status and detail, and headers of the response. */
export interface ProblemExtra {
  readonly issues?: readonly Issue[];
  readonly headers?: Readonly<Record<string, string>>;
  readonly cause?: unknown;
  readonly members?: Readonly<Record<string, unknown>>;
  /** A secret that would mend it: a page asks for it and posts it, as the form field `name`, to the same address. */
  readonly ask?: { readonly name: string; readonly label: string };
}

/** A failure the caller can understand and mend. Anything else that is thrown is a bug and answers 500. */
export class Problem extends Error {
  readonly kind: ProblemKind;
  readonly extra: ProblemExtra;

  constructor(kind: ProblemKind, detail: string, extra: ProblemExtra = {}) {
    super(detail, { cause: extra.cause });
    this.name = "Problem";
    this.kind = kind;
    this.extra = extra;
  }
}

/** Where a kind is explained: the base of every problem's `type`. */
export const problemType = (kind: ProblemKind): string => `/api/v1/problems#${kind}`;

/** RFC 9457 document of a problem. */
export const toDocument = (problem: Problem): Record<string, unknown> => ({
  type: problemType(problem.kind),
  title: problemKinds[problem.kind].title,
  status: problemKinds[problem.kind].status,
  detail: problem.message,
  ...(problem.extra.issues ? { issues: problem.extra.issues } : {}),
  ...problem.extra.members,
});

// A body of 1 MB can hold half a million mistakes, and some quote what was sent: the answer is bounded, not an echo.
const MAX_ISSUES = 20;
const MAX_TEXT = 200;

const escapePointer = (key: unknown) => String(key).replaceAll("~", "~0").replaceAll("/", "~1");

const shorten = (text: string) => (text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT - 1)}…`);

/** Parses `input` with `schema`; the first mistakes are listed, each with its pointer. Throws `invalid-request`. */
export const parse = <S extends v.GenericSchema>(
  schema: S,
  input: unknown,
  part: Issue["in"] = "body",
): v.InferOutput<S> => {
  const result = v.safeParse(schema, input);
  if (result.success) return result.output;
  const issues = result.issues.slice(0, MAX_ISSUES).map((issue) => ({
    in: part,
    pointer: shorten((issue.path ?? []).map((step) => `/${escapePointer(step.key)}`).join("")),
    message: shorten(issue.message),
  }));
  const [first] = issues;
  const where = first && first.pointer !== "" ? `${part} ${first.pointer}` : part;
  throw new Problem("invalid-request", `${where}: ${first?.message ?? "invalid"}`, { issues });
};
