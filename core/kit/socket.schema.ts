import type * as v from "valibot";
import type { NamedLimit, Operation, ReplyBody } from "./api.schema.ts";
import type { ProblemKind } from "./problem.ts";

type Schema = v.GenericSchema;

/**
 * One route of a WebSocket API, stated once: a stack routes it, `socket()` validates by it, a client is written to it.
 * A message is a JSON object whose `action` names its route; with an `id`, its answer bears the same one.
 */
export interface SocketOperation {
  /** `$connect`, `$disconnect`, `$default`, or the `action` of its messages. */
  readonly action: string;
  /** File below `functions/`, without ending: `chat/say`. */
  readonly handler: string;
  readonly summary: string;
  /** `required`: the authorizer of `$connect` has named a user, on whose behalf every message of the connection is. */
  readonly auth: "none" | "required";
  /** Which rules guard it: those of its class, as of an HTTP operation. `$disconnect` is never refused. */
  readonly limit: Operation["limit"];
  /** Rules of its own; beside `user` and `ip` they may count by `connection`. */
  readonly limits?: readonly NamedLimit[];
  /** The fact that says how many units of its class a message costs. 1 unless told. */
  readonly cost?: string;
  /** Of the handshake: `$connect` alone has one. */
  readonly query?: Schema;
  /** Of the message, `action` and `id` with it. */
  readonly body?: Schema;
  /** What is answered. Only a route with a route response answers anything: problems too. */
  readonly reply?: ReplyBody;
  /** Beyond those any operation may answer. */
  readonly problems?: readonly ProblemKind[];
}

/** A WebSocket API: routes by name, in reading order. */
export type SocketApi = Readonly<Record<string, SocketOperation>>;

/** Keeps the literal types of a WebSocket API while checking its shape. */
export const defineSocketApi = <const A extends SocketApi>(api: A): A => api;
