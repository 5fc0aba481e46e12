import { localAddresses } from "../gateway/addresses.ts";
import type { FunctionSpec, Graph, Resource } from "../graph/graph.ts";
import type { Caller } from "../kit/credentials.ts";

/** How a function logs: from the deployed function's `loggingConfig`. */
export interface LoggingConfig {
  readonly logFormat: "JSON" | "Text";
  readonly logLevel: string;
  readonly systemLevel: string;
}

/** Reads `loggingConfig` off the deployed function. Lambda's defaults: text, everything shown. */
export const loggingOf = (graph: Graph, spec: FunctionSpec): LoggingConfig => {
  const deployed: Resource | undefined = graph.resources.find(
    (r) => r.type === "aws:lambda/function:Function" && r.outputs.arn === spec.arn,
  );
  const config = (deployed?.inputs.loggingConfig ?? {}) as Record<string, string | undefined>;
  const json = (config.logFormat ?? "Text").toUpperCase() === "JSON";
  return {
    logFormat: json ? "JSON" : "Text",
    logLevel: json ? (config.applicationLogLevel ?? "INFO") : "TRACE",
    systemLevel: json ? (config.systemLogLevel ?? "INFO") : "INFO",
  };
};

/** What varies between environments of one function. */
export interface VariablesInput {
  readonly spec: FunctionSpec;
  readonly region: string;
  readonly endpoint: string;
  readonly xrayDaemon?: string;
  readonly keys: Caller;
  readonly logStream: string;
  readonly taskRoot: string;
  readonly handler: string;
  readonly logging: LoggingConfig;
}

const aboutFunction = ({ spec, region, logging, logStream, taskRoot, handler }: VariablesInput) => ({
  _HANDLER: handler,
  LAMBDA_TASK_ROOT: taskRoot,
  AWS_REGION: region,
  AWS_DEFAULT_REGION: region,
  AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}`,
  AWS_LAMBDA_FUNCTION_NAME: spec.name,
  AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMb),
  AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  AWS_LAMBDA_LOG_GROUP_NAME: spec.logGroup,
  AWS_LAMBDA_LOG_STREAM_NAME: logStream,
  ...(logging.logFormat === "JSON"
    ? { AWS_LAMBDA_LOG_FORMAT: "JSON", AWS_LAMBDA_LOG_LEVEL: logging.logLevel }
    : {}),
});

const aboutAccess = ({ keys, endpoint }: VariablesInput) => ({
  AWS_ACCESS_KEY_ID: keys.accessKeyId,
  AWS_SECRET_ACCESS_KEY: keys.secretAccessKey,
  ...(keys.sessionToken ? { AWS_SESSION_TOKEN: keys.sessionToken } : {}),
  AWS_ENDPOINT_URL: endpoint,
  // No profile, no metadata service: nowhere else may an SDK find an account or an endpoint.
  AWS_EC2_METADATA_DISABLED: "true",
  AWS_CONFIG_FILE: "/dev/null",
  AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
});

/** Settings of a function's own that would turn an SDK away from the local endpoint. */
const ELSEWHERE =
  /^AWS_(?:ENDPOINT_URL(?:_\w+)?|IGNORE_CONFIGURED_ENDPOINT_URLS|USE_(?:FIPS|DUALSTACK)_ENDPOINT)$/;

const onThisMachine = (environment: Readonly<Record<string, string>>, endpoint: string) =>
  Object.fromEntries(
    Object.entries(environment)
      .filter(([name]) => !ELSEWHERE.test(name))
      .map(([name, value]) => [name, localAddresses(value, endpoint)]),
  );

/** What Lambda itself sets, and what keeps every SDK on this machine. Nothing of the host's own environment. */
export const environmentVariables = (input: VariablesInput): Record<string, string> => ({
  LANG: "en_US.UTF-8",
  PATH: "/usr/local/bin:/usr/bin:/bin:/opt/bin",
  TZ: ":UTC",
  AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
  // The X-Ray SDK sends datagrams whether or not someone listens; without a daemon they go nowhere on this machine.
  AWS_XRAY_DAEMON_ADDRESS: input.xrayDaemon ?? "127.0.0.1:2000",
  ...onThisMachine(input.spec.environment, input.endpoint),
  ...aboutFunction(input),
  ...aboutAccess(input),
});
