import { data } from "./data.ts";
import { gateway } from "./gateway.ts";
import { arn, born, globalArn, type Kind, type Made, text } from "./kind.ts";
import { messaging } from "./messaging.ts";
import { web } from "./web.ts";

// Types listed answer exactly, and nothing more: a stream or a web ACL that is not there must not seem to be. The rest
// answer from what Pulumi's own class says it would compute, so that a resource nobody thought of still has an id, an
// ARN and the names that others read.

const kinds: Readonly<Record<string, Kind>> = { ...messaging, ...gateway, ...web, ...data };

// Where Pulumi's module is not the service's name in ARNs.
const services: Readonly<Record<string, string>> = {
  apigatewayv2: "apigateway",
  cognito: "cognito-idp",
  efs: "elasticfilesystem",
  lb: "elasticloadbalancing",
  msk: "kafka",
  opensearch: "es",
  sesv2: "ses",
  sfn: "states",
};
const regionless = new Set(["iam", "cloudfront", "route53", "budgets", "organizations"]);

// EC2 and EFS ids tell their kind.
const prefixes: Readonly<Record<string, string>> = {
  accessPoint: "fsap",
  defaultSecurityGroup: "sg",
  eip: "eipalloc",
  fileSystem: "fs",
  instance: "i",
  internetGateway: "igw",
  keyPair: "key",
  launchTemplate: "lt",
  mountTarget: "fsmt",
  natGateway: "nat",
  networkAcl: "acl",
  networkInterface: "eni",
  routeTable: "rtb",
  routeTableAssociation: "rtbassoc",
  securityGroup: "sg",
  securityGroupRule: "sgr",
  subnet: "subnet",
  vpc: "vpc",
  vpcEndpoint: "vpce",
};

const kebab = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const parts = (type: string): { module: string; kind: string } => {
  const [module = "", kind = ""] = (type.split(":")[1] ?? "").split("/");
  return { module, kind };
};

const genericId = (made: Made): string => {
  const { module, kind } = parts(made.type);
  // Settings of a bucket are known by the bucket.
  if (module === "s3" && kind.startsWith("bucket") && text(made.inputs.bucket))
    return text(made.inputs.bucket);
  const prefix = module === "ec2" || module === "efs" ? prefixes[kind] : undefined;
  return prefix ? `${prefix}-${made.ids.hex(17)}` : made.physical;
};

// CloudWatch's module in Pulumi holds three services.
const watching = (module: string, kind: string): string => {
  if (module !== "cloudwatch") return module;
  if (kind.startsWith("log")) return "logs";
  return kind.startsWith("event") ? "events" : module;
};

const genericArn = (made: Made, id: string): string => {
  const { module, kind } = parts(made.type);
  const service = services[module] ?? watching(module, kind);
  return (regionless.has(service) ? globalArn : arn)(made, service, `${kebab(kind)}/${id}`);
};

const guess = (made: Made, output: string, id: string): unknown => {
  if (/arn$/i.test(output)) return genericArn(made, id);
  if (/^(ownerId|accountId|registryId)$/.test(output)) return made.account;
  if (output === "region") return made.region;
  if (/(date|time|modified|createdAt)$/i.test(output)) return born;
  if (/version$/i.test(output)) return "1";
  if (/url$/i.test(output)) return `https://${made.ids.lower(10)}.${made.region}.amazonaws.com`;
  if (/(domainName|endpoint|address|dnsName|host)$/i.test(output))
    return `${made.ids.lower(10)}.${made.region}.amazonaws.com`;
  if (/id$/i.test(output)) return id;
  return undefined;
};

/** Everything a resource answers once made: its inputs, and what AWS would have computed. */
export const computeOutputs = (
  made: Made,
  promised: readonly string[],
  named: string | undefined,
  defaultTags: Readonly<Record<string, string>>,
): { id: string; outputs: Record<string, unknown> } => {
  const computed = kinds[made.type]?.(made);
  const id = computed?.id ?? genericId(made);
  const outputs: Record<string, unknown> = named
    ? { ...made.inputs, [named]: made.physical }
    : { ...made.inputs };
  for (const name of promised) {
    if (computed && name !== "arn" && name !== "tagsAll") continue;
    const value = name === "tagsAll" ? { ...defaultTags, ...tags(made) } : guess(made, name, id);
    if (value !== undefined) outputs[name] ??= value;
  }
  return { id, outputs: { ...outputs, ...computed, id: outputs.id ?? id } };
};

const tags = (made: Made): Record<string, string> => (made.inputs.tags ?? {}) as Record<string, string>;

// Pulumi names what the program does not: the logical name and seven hex digits, in this property.
const nameProperties: Readonly<Record<string, string>> = {
  "aws:cloudwatch/dashboard:Dashboard": "dashboardName",
  "aws:cloudwatch/eventTarget:EventTarget": "targetId",
  "aws:elasticache/replicationGroup:ReplicationGroup": "replicationGroupId",
  "aws:lambda/layerVersion:LayerVersion": "layerName",
  "aws:opensearch/domain:Domain": "domainName",
  "aws:rds/cluster:Cluster": "clusterIdentifier",
  "aws:rds/instance:Instance": "identifier",
  "aws:s3/bucket:Bucket": "bucket",
  "aws:s3/bucketV2:BucketV2": "bucket",
  "aws:sesv2/configurationSet:ConfigurationSet": "configurationSetName",
};

/** The property that holds a type's name in AWS, when it has one, and the name itself. */
export const physicalName = (
  made: Omit<Made, "physical">,
  properties: readonly string[],
): { property?: string; physical: string } => {
  const property = nameProperties[made.type] ?? "name";
  if (!properties.includes(property)) return { physical: `${made.name}-${made.ids.hex(7)}` };
  const stated = text(made.inputs[property]);
  const prefix = text(made.inputs[`${property}Prefix`]);
  const suffix = made.inputs.fifoQueue || made.inputs.fifoTopic ? ".fifo" : "";
  const lower = property === "bucket" ? made.name.toLowerCase() : made.name;
  return { property, physical: stated || `${prefix || `${lower}-`}${made.ids.hex(7)}${suffix}` };
};
