import * as v from "valibot";
import type { Operation } from "#core/kit/api.schema.ts";

/** The kinds of problem an operation can state. */
export type ProblemKind = NonNullable<Operation["problems"]>[number];

const IssueShape = v.object({
  in: v.picklist(["body", "query", "path", "header"]),
  pointer: v.string(),
  message: v.string(),
});

/** One thing wrong with the input, by JSON pointer. */
export type Issue = v.InferOutput<typeof IssueShape>;

const Document = v.looseObject({
  type: v.string(),
  title: v.string(),
  status: v.number(),
  detail: v.optional(v.string(), ""),
  issues: v.optional(v.array(IssueShape), []),
});

/** Why a call gave nothing: a problem the API stated, no network, or a reply that is not what the API promises. */
export interface Failure {
  readonly kind: ProblemKind | "offline" | "unreadable" | "aborted";
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly issues: readonly Issue[];
  /** Seconds after which the same request may be sent again, where the answer says so. */
  readonly retryAfter?: number;
}

const plain = (kind: Failure["kind"], status: number, title: string, detail: string): Failure => ({
  kind,
  status,
  title,
  detail,
  issues: [],
});

const retryAfterOf = (headers?: Headers) => {
  const text = headers?.get("retry-after") ?? "";
  return /^\d+$/.test(text) ? { retryAfter: Number(text) } : {};
};

/** Reads an RFC 9457 document; anything else that is not a success is told as what it is. */
export const toFailure = (status: number, body: unknown, headers?: Headers): Failure => {
  const document = v.safeParse(Document, body);
  const wait = retryAfterOf(headers);
  if (!document.success) {
    return {
      ...plain(
        "unreadable",
        status,
        `The server answered ${status}`,
        "The answer carries no problem document.",
      ),
      ...wait,
    };
  }
  const { type, title, detail, issues } = document.output;
  const kind = (type.split("#")[1] ?? "internal") as ProblemKind;
  return { kind, status: document.output.status, title, detail, issues, ...wait };
};

const sentence = (text: string) => (/[.?!]$/.test(text) ? text : `${text}.`);

/** A failure in a sentence or two: what happened, why, and when to come again. */
export const failureText = ({ title, detail, retryAfter }: Failure): string => {
  const why = detail === "" || detail === title ? "" : ` ${sentence(detail)}`;
  return `${sentence(title)}${why}${retryAfter === undefined ? "" : ` Admitted again in ${retryAfter} s.`}`;
};

/** The request never got an answer. */
export const noAnswer = (error: unknown): Failure => {
  if (error instanceof DOMException && error.name === "AbortError") {
    return plain("aborted", 0, "Stopped", "The request was stopped before its answer came.");
  }
  return plain(
    "offline",
    0,
    "The API cannot be reached",
    navigator.onLine ? "The server gave no answer. Is it running?" : "This device is offline.",
  );
};

/** The answer came, and is not what the operation promises. */
export const unreadable = (status: number, why: string): Failure =>
  plain("unreadable", status, "The answer cannot be read", why);

const fieldOf: Partial<Record<Failure["kind"], string>> = {
  "slug-taken": "/custom_hash",
  "reserved-word": "/custom_hash",
  "unsafe-url": "/url",
  "self-link": "/url",
  "account-exists": "/email",
};

/** Messages by JSON pointer of the field they belong to. A kind that is about one field only is put there. */
export const fieldMessages = (failure: Failure | undefined): Readonly<Record<string, string>> => {
  if (!failure) return {};
  const stated = Object.fromEntries(failure.issues.map((issue) => [issue.pointer, issue.message]));
  const field = fieldOf[failure.kind];
  if (field === undefined || failure.issues.length > 0) return stated;
  return { [field]: failure.detail === "" ? failure.title : failure.detail };
};
