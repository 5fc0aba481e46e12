import type { AsyncEvent } from "./asynchronous.ts";
import type { HostInvocation } from "./types.ts";

/** Why an asynchronous event was given up. */
export interface Ending {
  readonly condition: "RetriesExhausted" | "EventAgeExceeded";
  /** The last attempt; undefined when the event grew too old first. */
  readonly invocation?: HostInvocation;
  /** Attempts that ran. */
  readonly attempts: number;
}

/** How an asynchronous event ended. */
export type Finished =
  | Ending
  | { readonly condition: "Success"; readonly invocation: HostInvocation; readonly attempts: number };

const responseOf = ({ condition, invocation }: Finished): object => {
  if (condition === "Success")
    return {
      responseContext: { statusCode: 200, executedVersion: "$LATEST" },
      responsePayload: invocation.payload ?? null,
    };
  if (!invocation?.error) return {};
  return {
    responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
    responsePayload: invocation.error,
  };
};

/** The invocation record a destination receives; a bus receives it as an event's detail, in a whole envelope. */
export const invocationRecord = (
  event: AsyncEvent,
  finished: Finished,
  target: string,
  nowMs: number,
): { body: string } => {
  const { spec, requestId } = event;
  const functionArn = `${spec.arn}:$LATEST`;
  const timestamp = new Date(nowMs).toISOString();
  const { condition, attempts } = finished;
  const record = {
    version: "1.0",
    timestamp,
    requestContext: { requestId, functionArn, condition, approximateInvokeCount: attempts },
    requestPayload: JSON.parse(event.event) as unknown,
    ...responseOf(finished),
  };
  if (!target.startsWith("arn:aws:events:")) return { body: JSON.stringify(record) };
  const [, , , region, account] = spec.arn.split(":");
  const busEvent = {
    version: "0",
    id: requestId,
    "detail-type": `Lambda Function Invocation Result - ${condition === "Success" ? "Success" : "Failure"}`,
    source: "lambda",
    account,
    time: `${timestamp.slice(0, 19)}Z`,
    region,
    resources: [target, functionArn],
    detail: record,
  };
  return { body: JSON.stringify(busEvent) };
};

/** What a dead-letter target receives: the event itself, and why it died as message attributes. */
export const deadLetter = (
  event: AsyncEvent,
  { condition, invocation }: Ending,
): { body: string; attributes: Record<string, string> } => ({
  body: event.event,
  attributes: {
    RequestID: event.requestId,
    ErrorCode: invocation?.throttled ? "429" : "200",
    // Lambda keeps the first kilobyte.
    ErrorMessage: (invocation?.error?.errorMessage ?? condition).slice(0, 1_024),
  },
});
