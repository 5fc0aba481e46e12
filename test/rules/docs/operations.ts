import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { table } from "./markdown.ts";
import { servedOperations } from "./served.ts";

/** An API: its title, the prefix of its operations, and the SDK's client, which knows all there are. */
interface ApiOf {
  readonly title: string;
  readonly prefix: string;
  /** Undefined where the client is not installed. */
  readonly client?: string;
}

const api = (title: string, prefix: string, client?: string): ApiOf => ({
  title,
  prefix,
  ...(client ? { client } : {}),
});

const apis: readonly ApiOf[] = [
  api("API Gateway, management of connections", "execute-api", "apigatewaymanagementapi"),
  api("CloudWatch", "monitoring", "cloudwatch"),
  api("CloudWatch Logs", "logs", "cloudwatch-logs"),
  api("Cognito user pools", "cognito-idp", "cognito-identity-provider"),
  api("DynamoDB", "dynamodb", "dynamodb"),
  api("DynamoDB Streams", "streams.dynamodb"),
  api("EventBridge", "events", "eventbridge"),
  api("EventBridge Scheduler", "scheduler", "scheduler"),
  api("Lambda", "lambda", "lambda"),
  api("S3", "s3", "s3"),
  api("Secrets Manager", "secretsmanager", "secrets-manager"),
  api("SES v1", "ses", "ses"),
  api("SES v2", "sesv2", "sesv2"),
  api("SNS", "sns", "sns"),
  api("SQS", "sqs", "sqs"),
  api("STS", "sts"),
  api("Systems Manager", "ssm", "ssm"),
  api("X-Ray", "xray", "xray"),
];

/** Every operation a client knows; undefined without one. */
const allOf = (root: string, client: string | undefined): readonly string[] | undefined => {
  if (client === undefined) return undefined;
  const folder = join(root, "node_modules/@aws-sdk", `client-${client}`, "dist-types/commands");
  if (!existsSync(folder)) throw new Error(`${folder} is missing: npm ci`);
  return readdirSync(folder).flatMap((file) => /^(\w+)Command\.d\.ts$/.exec(file)?.[1] ?? []);
};

/** What is served of an API, and what is not. */
interface Part extends ApiOf {
  readonly served: readonly string[];
  /** Undefined where nobody here knows the whole API. */
  readonly missing?: readonly string[];
  /** How many operations the API has. */
  readonly whole?: number;
}

const partOf = (root: string, one: ApiOf, served: readonly string[]): Part => {
  const start = `${one.prefix}:`;
  const here = served
    .filter((name) => name.startsWith(start))
    .map((name) => name.slice(start.length))
    .toSorted();
  const all = allOf(root, one.client);
  if (!all) return { ...one, served: here };
  const missing = all.filter((name) => !here.includes(name)).toSorted();
  return { ...one, served: here, missing, whole: all.length };
};

/** Every API that is served in part or whole. */
export const partsOf = (root: string, served: readonly string[]): readonly Part[] => {
  const parts = apis.map((one) => partOf(root, one, served));
  const told = parts.reduce((sum, part) => sum + part.served.length, 0);
  if (told !== served.length)
    throw new Error("A service serves operations of an API that has no title in operations.ts");
  return parts;
};

const counts = (parts: readonly Part[]): string =>
  table(
    ["API", "Served", "Of", "Not served"],
    parts.map(({ title, served, missing, whole }) => [
      title,
      served.length,
      whole ?? "",
      missing ? missing.length : "",
    ]),
  );

const names = (all: readonly string[]) => all.map((name) => `\`${name}\``).join(" ");

const lists = ({ title, served, missing = [] }: Part): string =>
  [
    `### ${title}`,
    `Served (${served.length}): ${names(served)}`,
    ...(missing.length > 0
      ? [`<details><summary>Not served (${missing.length})</summary>\n\n${names(missing)}\n\n</details>`]
      : []),
  ].join("\n\n");

/** Counts of what is served by API, and every operation by name. */
export const operationBlocks = async (root: string) => {
  const parts = partsOf(root, await servedOperations());
  return { counts: () => counts(parts), lists: () => parts.map(lists).join("\n\n") };
};
