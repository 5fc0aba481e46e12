import { once } from "node:events";
import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { CognitoIdentityProviderClient, SignUpCommand } from "@aws-sdk/client-cognito-identity-provider";
import { ListQueuesCommand, SQSClient } from "@aws-sdk/client-sqs";
import { WebSocket } from "ws";
import { byType } from "../../local/graph/graph.ts";
import type { Running } from "../../local/start.ts";
import { clientSettings } from "./console-data.ts";

/** Connects a reader to the help desk. */
export const connectReader = async (app: Running, name = "ada"): Promise<WebSocket> => {
  const [api] = byType(app.cloud.graph, "aws:apigatewayv2/api:Api");
  const [stage] = byType(app.cloud.graph, "aws:apigatewayv2/stage:Stage");
  const address = `${app.url.replace(/^http/, "ws")}/_aws/execute-api/${api?.id}/${String(stage?.inputs.name)}`;
  const socket = new WebSocket(`${address}?token=${name}`, { headers: { "user-agent": "desk-client/1.0" } });
  await once(socket, "open");
  return socket;
};

/** Signs a reader up, who waits for a code. */
export const signReaderUp = async (app: Running, Username = "george@example.com"): Promise<void> => {
  const cognito = new CognitoIdentityProviderClient(clientSettings(app));
  const [client] = byType(app.cloud.graph, "aws:cognito/userPoolClient:UserPoolClient");
  await cognito.send(new SignUpCommand({ ClientId: client?.id, Username, Password: "Middlemarch-1871" }));
  cognito.destroy();
};

/** Loans by the minute, and an alarm over them. */
export const measureLoans = async (app: Running): Promise<void> => {
  const cloudwatch = new CloudWatchClient(clientSettings(app));
  const now = app.cloud.clock.now();
  const MetricData = Array.from({ length: 24 }, (_, i) => ({
    MetricName: "Loans",
    Value: Math.round(8 + 6 * Math.sin(i / 3)),
    Unit: "Count" as const,
    Timestamp: new Date(now - (i + (i > 14 ? 5 : 0)) * 60_000),
  }));
  await cloudwatch.send(new PutMetricDataCommand({ Namespace: "Library", MetricData }));
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: "many-loans",
      AlarmDescription: "More loans a minute than one desk can serve",
      Namespace: "Library",
      MetricName: "Loans",
      Statistic: "Sum",
      Period: 60,
      EvaluationPeriods: 2,
      Threshold: 12,
      ComparisonOperator: "GreaterThanThreshold",
    }),
  );
  cloudwatch.destroy();
};

/** A function asks for what its role does not grant. */
export const askInVain = async (app: Running): Promise<void> => {
  const [spec] = app.cloud.graph.functions;
  if (!spec) throw new Error("The app has no function");
  const credentials = app.cloud.credentials.issue({
    functionArn: spec.arn,
    roleArn: spec.roleArn,
    environmentId: "console",
  });
  const sqs = new SQSClient({ ...clientSettings(app), credentials });
  await sqs.send(new ListQueuesCommand({})).then(
    () => {
      throw new Error("It was granted");
    },
    (error: Error) => {
      if (!/AccessDenied/.test(error.name)) throw error;
    },
  );
  sqs.destroy();
};
