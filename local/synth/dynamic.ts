import { idsOf } from "./ids.ts";

// SST's own dynamic resources: code that its CLI runs on deployment, known by the name of its provider (`Aws.KvKeys`).

type Inputs = Readonly<Record<string, unknown>>;

const dynamic = "pulumi-nodejs:dynamic:Resource";

/** Pulumi's token says nothing of a dynamic resource: the graph shows its class, `sst:aws:KvKeys`. */
export const dynamicType = (type: string, { __provider: provider }: Inputs): string => {
  if (type !== dynamic || typeof provider !== "string") return type;
  const [cloud = "", kind = ""] = provider.split(".");
  return kind ? `sst:${cloud.toLowerCase()}:${kind}` : type;
};

/** The id its provider would return; undefined for any other type. */
export const dynamicId = (
  type: string,
  { __provider: provider }: Inputs,
  urn: string,
): string | undefined => {
  if (type !== dynamic) return undefined;
  const ids = idsOf(urn);
  return provider === "Aws.OriginAccessControl" ? `E${ids.upper(13)}` : ids.lower(10);
};

/** What its provider would answer. */
export const dynamicOutputs = (inputs: Inputs, urn: string): Record<string, unknown> => {
  const { __provider: provider, ...rest } = inputs;
  if (provider === "Aws.HostedZoneLookup") return { ...rest, zoneId: `Z${idsOf(urn).upper(13)}` };
  if (provider === "Aws.DistributionDeploymentWaiter") return { ...rest, isDone: true };
  return rest;
};
