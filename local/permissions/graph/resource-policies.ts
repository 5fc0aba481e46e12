import { byType, functionByArn, type Graph, type Resource } from "../../graph/graph.ts";
import { MalformedPolicy } from "../policy/conditions.ts";
import { compileDocument, type Statement } from "../policy/document.ts";

/** The policies of resources, by ARN; they may change while the cloud runs. */
export interface ResourcePolicies {
  /** The policy that decides about a resource: an object's is its bucket's, an index's its table's. */
  of(resourceArn: string): readonly Statement[] | undefined;
  /** Replaces the policy of a resource; undefined removes it. Throws `MalformedPolicy`. */
  set(resourceArn: string, document: unknown): void;
}

type Found = readonly [arn: string, document: unknown, by: Resource];

const queueArn = (graph: Graph, url: unknown): string => {
  const queue = byType(graph, "aws:sqs/queue:Queue").find((q) => q.id === url || q.outputs.url === url);
  return String(queue?.outputs.arn ?? url);
};

const bucketArn = (bucket: unknown) => `arn:aws:s3:::${String(bucket).replace(/^arn:aws:s3:::/, "")}`;

const busArn = ({ region, accountId }: Graph, name: unknown) =>
  `arn:aws:events:${region}:${accountId}:event-bus/${String(name ?? "default")}`;

/** How each type of resource states a policy: the resource it is of, and the document. */
const READERS: Readonly<Record<string, (graph: Graph, resource: Resource) => readonly [string, unknown]>> = {
  "aws:sqs/queuePolicy:QueuePolicy": (graph, r) => [queueArn(graph, r.inputs.queueUrl), r.inputs.policy],
  "aws:sqs/queue:Queue": (_, r) => [String(r.outputs.arn), r.inputs.policy],
  "aws:s3/bucketPolicy:BucketPolicy": (_, r) => [bucketArn(r.inputs.bucket), r.inputs.policy],
  "aws:s3/bucket:Bucket": (_, r) => [String(r.outputs.arn), r.inputs.policy],
  "aws:s3/bucketV2:BucketV2": (_, r) => [String(r.outputs.arn), r.inputs.policy],
  "aws:sns/topicPolicy:TopicPolicy": (_, r) => [String(r.inputs.arn), r.inputs.policy],
  "aws:sns/topic:Topic": (_, r) => [String(r.outputs.arn), r.inputs.policy],
  "aws:cloudwatch/eventBusPolicy:EventBusPolicy": (graph, r) => [
    busArn(graph, r.inputs.eventBusName),
    r.inputs.policy,
  ],
  "aws:secretsmanager/secretPolicy:SecretPolicy": (_, r) => [String(r.inputs.secretArn), r.inputs.policy],
  "aws:secretsmanager/secret:Secret": (_, r) => [String(r.outputs.arn), r.inputs.policy],
  "aws:dynamodb/resourcePolicy:ResourcePolicy": (_, r) => [String(r.inputs.resourceArn), r.inputs.policy],
  "aws:apigateway/restApiPolicy:RestApiPolicy": (graph, r) => [
    `arn:aws:execute-api:${graph.region}:${graph.accountId}:${String(r.inputs.restApiId)}`,
    r.inputs.policy,
  ],
};

/** `aws:lambda/permission` as the statement that AWS makes of it. */
const permission = (graph: Graph, { inputs, name }: Resource): readonly [string, object] => {
  const named = String(inputs.function);
  const spec =
    graph.functions.find((f) => f.name === named || named.startsWith(`${f.name}:`)) ??
    functionByArn(graph, named);
  const arn = spec?.arn ?? named;
  const service = /\.amazonaws\.com(\.cn)?$/.test(String(inputs.principal));
  const principal = inputs.principal === "*" ? "*" : { [service ? "Service" : "AWS"]: inputs.principal };
  const equals = {
    ...(inputs.sourceAccount ? { "AWS:SourceAccount": inputs.sourceAccount } : {}),
    ...(inputs.eventSourceToken ? { "lambda:EventSourceToken": inputs.eventSourceToken } : {}),
    ...(inputs.functionUrlAuthType ? { "lambda:FunctionUrlAuthType": inputs.functionUrlAuthType } : {}),
    ...(inputs.principalOrgId ? { "aws:PrincipalOrgID": inputs.principalOrgId } : {}),
  };
  const like = inputs.sourceArn ? { "AWS:SourceArn": inputs.sourceArn } : undefined;
  const qualified = inputs.qualifier ? `${arn}:${String(inputs.qualifier)}` : arn;
  return [
    arn,
    {
      Sid: inputs.statementId ?? name,
      Effect: "Allow",
      Principal: principal,
      Action: inputs.action,
      Resource: qualified,
      Condition: {
        ...(Object.keys(equals).length > 0 ? { StringEquals: equals } : {}),
        ...(like ? { ArnLike: like } : {}),
      },
    },
  ];
};

/** The resource whose policy decides. */
const ownerOf = (arn: string): string => {
  const object = /^(arn:aws:s3:::[^/]+)\//.exec(arn)?.[1];
  if (object) return object;
  const table = /^(arn:aws:dynamodb:[^/]+\/[^/]+)\/index\//.exec(arn)?.[1];
  if (table) return table;
  const fn = /^(arn:aws:lambda:[^:]*:[^:]*:function:[^:]+):/.exec(arn)?.[1];
  if (fn) return fn;
  return /^(arn:aws:execute-api:[^:]*:[^:]*:[^/]+)\//.exec(arn)?.[1] ?? arn;
};

/** A document without its layout. */
const canonical = (document: unknown): string => {
  try {
    return JSON.stringify(typeof document === "string" ? JSON.parse(document) : document) ?? "";
  } catch {
    return String(document);
  }
};

const documents = (graph: Graph): Found[] => {
  const stated = Object.entries(READERS).flatMap(([type, read]) =>
    byType(graph, type)
      .map((r): Found => [...read(graph, r), r])
      .filter(([, document]) => document !== undefined && document !== null && document !== ""),
  );
  const permissions = byType(graph, "aws:lambda/permission:Permission").map((r): Found => {
    const [arn, statement] = permission(graph, r);
    return [arn, { Version: "2012-10-17", Statement: [statement] }, r];
  });
  return [...stated, ...permissions];
};

/** Reads every resource's policy out of the graph. */
export const readResourcePolicies = (graph: Graph): ResourcePolicies => {
  const known = new Map<string, readonly Statement[]>();
  const stated = new Map<string, string>();
  for (const [arn, document, { name, source }] of documents(graph)) {
    const origin = { policy: `policy ${name}`, ...(source ? { source } : {}) };
    try {
      known.set(arn, [...(known.get(arn) ?? []), ...compileDocument(document, origin)]);
      stated.set(arn, canonical(document));
    } catch (error) {
      if (!(error instanceof MalformedPolicy)) throw error;
      throw new Error(`${name} (${source ?? "no line known"}): the policy is malformed: ${error.message}`);
    }
  }
  return {
    of: (arn) => known.get(ownerOf(arn)),
    set(arn, document) {
      // The graph's own, applied by the service that keeps it: its statements know their line.
      if (stated.get(arn) === canonical(document)) return;
      stated.delete(arn);
      if (document === undefined) known.delete(arn);
      else known.set(arn, compileDocument(document, { policy: "policy set while running" }));
    },
  };
};
