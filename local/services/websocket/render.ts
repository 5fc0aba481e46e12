import type { Cloud } from "../../kit/cloud.ts";
import { type Call, requestContext } from "./context.ts";

const VARIABLE = /\$(?:\{context((?:\.[\w-]+)+)\}|context((?:\.[\w-]+)+))/g;

/** `$context` of a call with what is known only at its end. */
const variables = (call: Call, status: number | undefined): Record<string, unknown> => {
  const { integration, error } = call;
  const parts = {
    status: integration?.status,
    integrationStatus: integration?.status,
    latency: integration?.latencyMs,
    requestId: integration?.requestId,
  };
  return {
    ...requestContext(call),
    status,
    awsEndpointRequestId: integration?.requestId,
    integrationStatus: integration?.status,
    integrationLatency: integration?.latencyMs,
    integration: parts,
    ...(error
      ? {
          error: {
            message: error.message,
            messageString: JSON.stringify(error.message),
            responseType: error.type,
          },
        }
      : {}),
  };
};

/** Fills `$context.…` into a template; a dash stands for what is not known, as in AWS's logs. */
export const render = (template: string, call: Call, status?: number): string => {
  const known = variables(call, status);
  return template.replace(VARIABLE, (_, braced?: string, bare?: string) => {
    const path = (braced ?? bare ?? "").slice(1).split(".");
    const value = path.reduce<unknown>(
      (at, part) =>
        typeof at === "object" && at !== null && Object.hasOwn(at, part)
          ? (at as Record<string, unknown>)[part]
          : undefined,
      known,
    );
    return value === undefined || value === null ? "-" : String(value);
  });
};

/** Delivers the stage's access log line for a call that has ended. A log that cannot be delivered fails nothing. */
export const writeAccessLog = (cloud: Cloud, call: Call, status: number): void => {
  const { accessLog } = call.peer.stage;
  if (!accessLog) return;
  const delivery = {
    body: render(accessLog.format, call, status),
    sourceArn: call.peer.api.arn,
    trace: call.trace,
  };
  cloud.deliver(accessLog.destinationArn, delivery).catch(() => {});
};
