import { latencyOf, wait } from "../../faults/latency.ts";
import type { Point } from "../../faults/match.ts";
import { namesOfArn } from "../../faults/names.ts";
import type { EdgeRequest, EdgeResponse } from "../../front/exchange.ts";
import type { Cloud } from "../../kit/cloud.ts";

/** What a fault needs to know of an API. */
interface Struck {
  readonly arn: string;
  readonly name: string;
}

/** API Gateway gives an integration 29 seconds. */
const INTEGRATION_MS = 29_000;

const said = (arn: string, status: number, errorType: string, message: string): EdgeResponse => ({
  status,
  headers: [
    ["Content-Type", "application/json"],
    ["x-amzn-ErrorType", errorType],
  ],
  body: JSON.stringify({ message }),
  node: arn,
});

const timedOut = (arn: string) =>
  said(arn, 504, "InternalServerErrorException", "Endpoint request timed out");
const KINDS = ["latency", "throttle", "error", "timeout", "drop"] as const;

const pointOf = ({ arn, name }: Struck, { method }: EdgeRequest, path: string): Point => ({
  service: "apigateway",
  operation: [`${method} ${path}`, "Request"],
  function: [],
  target: [name, ...namesOfArn(arn)],
  key: [path],
});

/** Puts faults between a REST API and those who call it: slow, refused, failed, unheard, cut off. */
export const faultyRequests =
  ({ faults, clock }: Cloud, api: Struck) =>
  async (request: EdgeRequest, path: string, answer: () => Promise<EdgeResponse>): Promise<EdgeResponse> => {
    const hits = faults.active() ? faults.strike(pointOf(api, request, path), KINDS) : [];
    const notes: string[] = [];
    const marked = (response: EdgeResponse, more: object = {}): EdgeResponse =>
      notes.length === 0
        ? response
        : { ...response, detail: { ...response.detail, ...more, fault: notes.join(", ") } };
    for (const { fault, draw, note } of hits) {
      notes.push(note());
      if (fault.kind === "latency") await wait(clock, latencyOf(fault, draw));
      if (fault.kind === "throttle")
        return marked(said(api.arn, 429, "TooManyRequestsException", "Too Many Requests"));
      if (fault.kind === "error") {
        const {
          status = 500,
          code = "InternalServerErrorException",
          message = "Internal server error",
        } = fault;
        return marked(said(api.arn, status, code, message));
      }
      if (fault.kind !== "timeout" && fault.kind !== "drop") continue;
      const response = fault.effect === "before" ? undefined : await answer();
      if (fault.kind === "drop") return marked(response ?? timedOut(api.arn), { cut: true });
      await wait(clock, fault.ms ?? INTEGRATION_MS);
      return marked(timedOut(api.arn));
    }
    return marked(await answer());
  };
