import middy, { type MiddlewareObj } from "@middy/core";
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import type * as v from "valibot";
import type { User } from "#core/identity/user.schema.ts";
import type { Operation } from "#core/kit/api.schema.ts";
import { log } from "#core/kit/log.ts";
import { Problem, parse, problemKinds } from "#core/kit/problem.ts";
import { observed } from "./observe.ts";
import { acceptsHtml, toProblemPage } from "./page.ts";
import { type Caller, readBody, toCaller, toParams, toProblemReply, toQuery, toResult } from "./proxy.ts";
import type { Reply } from "./reply.ts";
import { signedIn } from "./signed-in.ts";

type OutputOf<S> = S extends v.GenericSchema ? v.InferOutput<S> : undefined;

/** A validated request. A part is typed by the operation's schema, and undefined where it has none. */
export interface Request<O extends Operation> {
  readonly body: OutputOf<O["body"]>;
  readonly query: OutputOf<O["query"]>;
  readonly params: OutputOf<O["params"]>;
  /** Always set where the operation requires sign-in. */
  readonly user: O["auth"] extends "required" ? User : User | undefined;
  readonly caller: Caller;
}

/**
 * The HTTP door: validates what `operation` states, runs the use case, answers. Only here are problems serialised;
 * whatever is not a Problem is logged with its cause and answered 500 without a detail.
 */
export const route = <O extends Operation>(operation: O, run: (request: Request<O>) => Promise<Reply>) =>
  middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use([...observed(), problemDetails(operation)])
    .handler(async (event) => toResult(await run(await toRequest(operation, event)), event.httpMethod));

const toRequest = async <O extends Operation>(operation: O, event: APIGatewayProxyEvent) => {
  const caller = toCaller(event);
  const user = await signedIn(operation.auth, event, caller);
  const { params, query, body } = operation;
  return {
    caller,
    user,
    params: params && parse(params, toParams(event), "path"),
    query: query && parse(query, toQuery(event), "query"),
    body: body && parse(body, readBody(event, operation.accepts ?? "json"), "body"),
  } as Request<O>;
};

const problemDetails = (
  operation: Operation,
): MiddlewareObj<APIGatewayProxyEvent, APIGatewayProxyResult> => ({
  onError: (request) => {
    const { event } = request;
    const problem = toProblem(request.error);
    const { headers } = toCaller(event);
    const reply =
      operation.pages && acceptsHtml(headers.accept)
        ? toProblemPage(problem)
        : toProblemReply(problem, problemKinds[problem.kind].status);
    const varied = operation.pages ? { ...reply, headers: { vary: "accept", ...reply.headers } } : reply;
    request.response = toResult(varied, event.httpMethod);
  },
});

const toProblem = (error: unknown): Problem => {
  if (error instanceof Problem) return error;
  log.error("unhandled", error instanceof Error ? error : new Error(String(error)));
  return new Problem("internal", "The failure was recorded. Try again; if it stays, report the request id");
};
