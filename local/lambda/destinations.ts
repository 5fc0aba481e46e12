import type { AsyncEvent } from "./asynchronous.ts";
import type { HostInvocation } from "./types.ts";

/** Why an asynchronous event was given up. */
export interface Ending {
  readonly condition: "RetriesExhausted" | "EventAgeExceeded";
  /** The last attempt; undefined when the event grew too old first. */
  readonly invocation?: HostInvocation;
}

/** The invocation record an on-failure destination receives; a bus receives it as an event's detail. */
export const failureRecord = (event: AsyncEvent, ending: Ending, nowMs: number): { body: string } => {
  const { spec, requestId } = event;
  const functionArn = `${spec.arn}:$LATEST`;
  const error = ending.invocation?.error;
  const timestamp = new Date(nowMs).toISOString();
  const record = {
    version: "1.0",
    timestamp,
    requestContext: {
      requestId,
      functionArn,
      condition: ending.condition,
      approximateInvokeCount: event.failures,
    },
    requestPayload: JSON.parse(event.event) as unknown,
    ...(error
      ? {
          responseContext: { statusCode: 200, executedVersion: "$LATEST", functionError: "Unhandled" },
          responsePayload: error,
        }
      : {}),
  };
  const target = spec.async.onFailureArn ?? "";
  if (!target.startsWith("arn:aws:events:")) return { body: JSON.stringify(record) };
  const [, , , region, account] = spec.arn.split(":");
  const busEvent = {
    version: "0",
    id: requestId,
    "detail-type": "Lambda Function Invocation Result - Failure",
    source: "lambda",
    account,
    time: timestamp,
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
