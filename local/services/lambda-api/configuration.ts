import type { FunctionSpec, Graph } from "../../graph/graph.ts";

type Inputs = Readonly<Record<string, unknown>>;

const object = (value: unknown): Inputs =>
  typeof value === "object" && value !== null ? (value as Inputs) : {};

/** A function as `GetFunctionConfiguration` shows it. */
export const configuration = (graph: Graph, spec: FunctionSpec): object => {
  const deployed = graph.resources.find(
    (r) => r.type === "aws:lambda/function:Function" && r.outputs.arn === spec.arn,
  );
  const inputs = deployed?.inputs ?? {};
  const logging = object(inputs.loggingConfig);
  return {
    FunctionName: spec.name,
    FunctionArn: spec.arn,
    Runtime: spec.runtime,
    Role: spec.roleArn,
    Handler: inputs.handler ?? spec.handler,
    Description: inputs.description ?? "",
    Timeout: spec.timeoutSeconds,
    MemorySize: spec.memoryMb,
    Version: "$LATEST",
    State: "Active",
    LastUpdateStatus: "Successful",
    PackageType: "Zip",
    Architectures: inputs.architectures ?? ["x86_64"],
    Environment: { Variables: spec.environment },
    TracingConfig: { Mode: object(inputs.tracingConfig).mode ?? "PassThrough" },
    LoggingConfig: { LogFormat: logging.logFormat ?? "Text", LogGroup: spec.logGroup },
    ...(spec.deadLetterArn ? { DeadLetterConfig: { TargetArn: spec.deadLetterArn } } : {}),
  };
};
