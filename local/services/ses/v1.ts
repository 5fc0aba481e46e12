import type { AwsRequest, AwsResponse } from "../../kit/cloud.ts";
import {
  MalformedQuery,
  type QueryFields,
  type QueryResult,
  queryAnswer,
  queryFault,
  readQuery,
  textOf,
} from "../../kit/query.ts";
import type { Ses } from "./context.ts";
import { SesError, sesErrors } from "./errors.ts";
import { v1AccountOperations } from "./v1-account.ts";
import { v1IdentityOperations } from "./v1-identities.ts";
import { v1SendOperations } from "./v1-send.ts";
import { v1SetOperations } from "./v1-sets.ts";
import { v1TemplateOperations } from "./v1-templates.ts";

/** What an operation answers; `node` is the ARN of what it touched, and no part of the answer. */
export type V1Result = { readonly [name: string]: QueryResult };
export type V1Operation = (
  ses: Ses,
  fields: QueryFields,
  request: AwsRequest,
) => V1Result | undefined | Promise<V1Result | undefined>;
export type V1Operations = Readonly<Record<string, V1Operation>>;

const NAMESPACE = "http://ses.amazonaws.com/doc/2010-12-01/";

/** What is served of SES v1, by action. */
export const operations: V1Operations = {
  ...v1SendOperations,
  ...v1TemplateOperations,
  ...v1IdentityOperations,
  ...v1SetOperations,
  ...v1AccountOperations,
};

/** Answers a call of SES v1 (query protocol, XML). */
export const handleV1 = async (ses: Ses, request: AwsRequest): Promise<AwsResponse> => {
  const { requestId } = request;
  try {
    const fields = readQuery(request);
    const action = textOf(fields, "Action") ?? "";
    const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
    if (!operation)
      throw sesErrors.unserved(
        `The local cloud does not serve ses:${action.slice(0, 100) || "(no action)"}.`,
      );
    const { node, ...result } = (await operation(ses, fields, request)) ?? {};
    const answer = queryAnswer({ action, namespace: NAMESPACE, requestId }, result);
    return typeof node === "string" ? { ...answer, node } : answer;
  } catch (error) {
    const fail = (status: number, code: string, message: string) =>
      queryFault({ namespace: NAMESPACE, requestId }, { status, code, message });
    if (error instanceof MalformedQuery) return fail(400, "MalformedQueryString", error.message);
    if (error instanceof SesError) return fail(error.status === 501 ? 501 : 400, error.v1, error.message);
    throw error;
  }
};
