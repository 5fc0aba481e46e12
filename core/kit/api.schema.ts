import type * as v from "valibot";
import type { ProblemKind } from "./problem.ts";

type Schema = v.GenericSchema;

/** What a reply carries: a schema for JSON, or a media type for anything else; `null` for nothing. */
export type ReplyBody = Schema | string | null;

/** A rule that guards one operation beside those of its class: by its name in `core/limits/policies.schema.ts`. */
export interface NamedLimit {
  readonly rule: string;
  /** What is counted apart: `user`, `ip`, or a fact by its name, which the handler tells of a request. */
  readonly by: readonly string[];
  /** Whom it guards against; everybody unless told. */
  readonly of?: "anonymous";
  /** Only what ends in one of these problems counts in the end; the rest is given back: a right password is no guess. */
  readonly only?: readonly ProblemKind[];
}

/**
 * One HTTP operation, stated once. The stack makes the route from it, `route()` validates by it, OpenAPI and the
 * web client are generated from it.
 */
export interface Operation {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** API Gateway's form: `/api/v1/links/{hash}`. */
  readonly path: string;
  /** File below `functions/`, without ending: `shortener/shorten`. */
  readonly handler: string;
  readonly summary: string;
  /** `required`: API Gateway's authorizer lets nobody else in. `optional`: a token is checked when one is sent. */
  readonly auth: "none" | "optional" | "required";
  /** Which rules guard it: those of its class, judged before the body is read. The stage throttles by it too. `probe` asks no table. */
  readonly limit: "read" | "write" | "redirect" | "probe";
  readonly limits?: readonly NamedLimit[];
  /** The fact that says how many units of its class it costs: a bulk of 100 costs what 100 requests do. 1 unless told. */
  readonly cost?: string;
  readonly params?: Schema;
  readonly query?: Schema;
  readonly body?: Schema;
  /** `form` takes application/x-www-form-urlencoded. Default `json`. */
  readonly accepts?: "json" | "form";
  /** API Gateway asks for a key of the usage plan (`x-api-key`): a courtesy limit that says who calls, never the enforcement. */
  readonly apiKey?: true;
  /** The largest body, in bytes; 1 MB unless told. */
  readonly maxBodyBytes?: number;
  /** People meet it in their browser: to those who accept HTML, problems are answered as a page. */
  readonly pages?: true;
  readonly replies: Readonly<Record<number, ReplyBody>>;
  /** Beyond those any operation may answer (400, 401, 413, 415, 429, 500, 503). */
  readonly problems?: readonly ProblemKind[];
}

/** An API: operations by name, in reading order. */
export type Api = Readonly<Record<string, Operation>>;

/** Keeps the literal types of an API while checking its shape. */
export const defineApi = <const A extends Api>(api: A): A => api;
