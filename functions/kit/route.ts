import middy from "@middy/core";
import type { APIGatewayProxyEvent, APIGatewayProxyResult } from "aws-lambda";
import type * as v from "valibot";
import type { User } from "#core/identity/user.schema.ts";
import type { Operation } from "#core/kit/api.schema.ts";
import { type Problem, parse, problemKinds } from "#core/kit/problem.ts";
import { type FactsOf, factsOf, type Guard, guard } from "./limits.ts";
import { observed } from "./observe.ts";
import { acceptsHtml, toProblemPage } from "./page.ts";
import { type Caller, readBody, toCaller, toParams, toProblemReply, toQuery, toResult } from "./proxy.ts";
import type { Reply } from "./reply.ts";
import { signedIn } from "./signed-in.ts";
import { toProblem } from "./unhandled.ts";

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
 * The HTTP door: judges by the operation's limits, validates what it states, runs the use case, answers. `facts` tell of a request
 * what its limits count by. Only here are problems serialised; whatever is not a Problem is logged with its cause and
 * answered 500 without a detail.
 */
export const route = <O extends Operation>(
  operation: O,
  run: (request: Request<O>) => Promise<Reply>,
  ...[facts]: FactsOf<O, Request<O>>
) =>
  middy<APIGatewayProxyEvent, APIGatewayProxyResult>()
    .use(observed())
    .handler(async (event) => {
      const limits: { guard?: Guard } = {};
      const caller = toCaller(event);
      const reply = await serve(operation, event, caller, limits, async (request) => {
        await limits.guard?.enterBy(factsOf(facts, request));
        return run(request);
      });
      return toResult(withLimits(reply, limits.guard), event.httpMethod);
    });

const serve = async <O extends Operation>(
  operation: O,
  event: APIGatewayProxyEvent,
  caller: Caller,
  limits: { guard?: Guard },
  run: (request: Request<O>) => Promise<Reply>,
): Promise<Reply> => {
  try {
    const reply = await run(await toRequest(operation, event, caller, limits));
    await limits.guard?.settle(undefined);
    return reply;
  } catch (error) {
    const problem = toProblem(error);
    await limits.guard?.settle(problem.kind);
    return problemReply(operation, problem, caller);
  }
};

/** Who is told what. The cheapest refusal comes first: who asks is judged before the body is so much as parsed. */
const toRequest = async <O extends Operation>(
  operation: O,
  event: APIGatewayProxyEvent,
  caller: Caller,
  limits: { guard?: Guard },
) => {
  const user = await admitted(operation, event, caller, limits);
  const { params, query, body } = operation;
  return {
    caller,
    user,
    params: params && parse(params, toParams(event), "path"),
    query: query && parse(query, toQuery(event), "query"),
    body: body && parse(body, readBody(event, operation.accepts ?? "json", operation.maxBodyBytes), "body"),
  } as Request<O>;
};

/** Whoever signs in, within their limits. A token that is none is counted as its address: to try tokens is not free. */
const admitted = async (
  operation: Operation,
  event: APIGatewayProxyEvent,
  caller: Caller,
  limits: { guard?: Guard },
) => {
  const [signed] = await Promise.allSettled([signedIn(operation.auth, event, caller)]);
  const user = signed.status === "fulfilled" ? signed.value : undefined;
  const apiKey = event.requestContext.identity.apiKeyId;
  const method = operation.method === "HEAD" ? "GET" : operation.method; // the same question, without its body
  limits.guard = guard({
    ...operation,
    route: `${method} ${operation.path}`,
    who: { ip: caller.ip, ...(user && { user: user.id }), ...(apiKey && { apiKey }) },
  });
  await limits.guard.enter();
  if (signed.status === "rejected") throw signed.reason;
  return user;
};

const problemReply = (operation: Operation, problem: Problem, { headers }: Caller): Reply => {
  const reply =
    operation.pages && acceptsHtml(headers.accept)
      ? toProblemPage(problem)
      : toProblemReply(problem, problemKinds[problem.kind].status);
  return operation.pages ? { ...reply, headers: { vary: "accept", ...reply.headers } } : reply;
};

// What a shared cache may keep would tell one caller of another's limits, and long after.
const withLimits = (reply: Reply, limits: Guard | undefined): Reply =>
  !limits || /\bpublic\b/.test(reply.headers?.["cache-control"] ?? "")
    ? reply
    : { ...reply, headers: { ...reply.headers, ...limits.headers(reply.status) } };
