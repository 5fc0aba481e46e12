import { accountId } from "../account.ts";
import { idsOf } from "../ids.ts";
import { policyDocument } from "./policy.ts";

type Inputs = Readonly<Record<string, unknown>>;

// What `aws.get…` answers. Anything else echoes its question with an id and an ARN, which is what most callers read.
const invokes: Readonly<Record<string, (inputs: Inputs, region: string) => Record<string, unknown>>> = {
  "aws:index/getRegion:getRegion": (_, region) => ({
    id: region,
    name: region,
    region,
    description: region,
    endpoint: `ec2.${region}.amazonaws.com`,
  }),
  "aws:index/getCallerIdentity:getCallerIdentity": () => ({
    id: accountId,
    accountId,
    arn: `arn:aws:iam::${accountId}:user/local`,
    userId: "AIDALOCALUSER0000000A",
  }),
  "aws:index/getPartition:getPartition": () => ({
    id: "aws",
    partition: "aws",
    dnsSuffix: "amazonaws.com",
    reverseDnsPrefix: "com.amazonaws",
  }),
  "aws:index/getAvailabilityZones:getAvailabilityZones": (_, region) => ({
    id: region,
    names: ["a", "b", "c", "d"].map((zone) => region + zone),
    zoneIds: ["1", "2", "3", "4"].map((zone) => `use1-az${zone}`),
  }),
  "aws:iam/getPolicyDocument:getPolicyDocument": (inputs) => policyDocument(inputs),
  "aws:cloudwatch/getEventBus:getEventBus": ({ name }, region) => ({
    id: name,
    arn: `arn:aws:events:${region}:${accountId}:event-bus/${name}`,
  }),
  "aws:ecr/getAuthorizationToken:getAuthorizationToken": (_, region) => ({
    id: region,
    userName: "AWS",
    password: "local",
    authorizationToken: Buffer.from("AWS:local").toString("base64"),
    proxyEndpoint: `https://${accountId}.dkr.ecr.${region}.amazonaws.com`,
    expiresAt: "2125-01-01T00:00:00Z",
  }),
  "aws:ec2/getAmi:getAmi": (inputs) => {
    const id = `ami-${idsOf(JSON.stringify(inputs)).hex(17)}`;
    return { id, imageId: id, architecture: "arm64", rootDeviceName: "/dev/xvda" };
  },
};

/** Answers one call of a provider's function. */
export const invoke = (token: string, inputs: Inputs, region: string): Record<string, unknown> => {
  const known = invokes[token];
  if (known) return { ...inputs, ...known(inputs, region) };
  const name = String(inputs.name ?? inputs.id ?? idsOf(token + JSON.stringify(inputs)).lower(10));
  const [, module = "aws"] = token.split(/[:/]/);
  return { name, id: name, arn: `arn:aws:${module}:${region}:${accountId}:${name}`, ...inputs };
};
