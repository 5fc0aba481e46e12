import type { Operation } from "#core/kit/api.schema.ts";
import { stageRates } from "#core/limits/policies.schema.ts";

/** Logs, metrics and throttling of the stage, and the throttle of each route by the class of its operation. */
export function throttles(api: sst.aws.ApiGatewayV1, operations: readonly Operation[]) {
  const stage = api.nodes.stage;
  if (!stage) throw new Error("Deploy the API before it is throttled");
  // API Gateway would make this group by itself, and keep it for ever.
  const log = new aws.cloudwatch.LogGroup("ApiExecutionLog", {
    name: $interpolate`API-Gateway-Execution-Logs_${api.nodes.api.id}/${stage.stageName}`,
    retentionInDays: 30,
  });
  const settings = { metricsEnabled: true, loggingLevel: "ERROR", dataTraceEnabled: false };
  const base = { restApi: api.nodes.api.id, stageName: stage.stageName };
  const throttle = (name: string, methodPath: string, { rate, burst }: { rate: number; burst: number }) =>
    new aws.apigateway.MethodSettings(
      `ApiSettings${name}`,
      {
        ...base,
        methodPath,
        settings: { ...settings, throttlingRateLimit: rate, throttlingBurstLimit: burst },
      },
      { dependsOn: [log] },
    );
  throttle("", "*/*", stageRates.read);
  for (const { method, path, limit } of operations) {
    const name = `${method}${path.replace(/\W+/g, "-")}`;
    throttle(name, `${path.slice(1).replaceAll("/", "~1")}/${method}`, stageRates[limit]);
  }
}
