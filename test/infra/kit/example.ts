import type { Graph, Resource } from "../../../local/graph/graph.ts";

/** A change that must break the rule: of the resources that keep it, some are changed, taken away or added. */
export type Break = (kept: readonly Resource[]) => readonly Resource[];

/** The smallest graph that keeps a rule, and every way the rule says it can be broken, by its name. */
export interface Example {
  readonly rule: number;
  readonly stage?: string;
  readonly kept: readonly Resource[];
  readonly broken: Readonly<Record<string, Break>>;
}

/** A resource with the outputs that other resources refer to. */
export const made = (
  type: string,
  name: string,
  inputs: Record<string, unknown> = {},
  outputs: Record<string, unknown> = {},
): Resource => {
  const service = /^aws:([^/]+)/.exec(type)?.[1] ?? "none";
  const arn = `arn:aws:${service}:us-east-1:000000000000:${name}`;
  return {
    urn: `urn:${type}::${name}`,
    type,
    name,
    id: name,
    inputs,
    outputs: { ...inputs, arn, name, ...outputs },
  };
};

/** ARN that `made` gives a resource of a service. */
export const arnOf = (service: string, name: string): string =>
  `arn:aws:${service}:us-east-1:000000000000:${name}`;

/** Sets inputs of one resource; `undefined` takes one away. */
export const but =
  (name: string, inputs: Record<string, unknown>): Break =>
  (kept) =>
    kept.map((resource) =>
      resource.name === name ? { ...resource, inputs: { ...resource.inputs, ...inputs } } : resource,
    );

/** Takes one resource away. */
export const without =
  (name: string): Break =>
  (kept) =>
    kept.filter((resource) => resource.name !== name);

/** Adds resources. */
export const plus =
  (...more: readonly Resource[]): Break =>
  (kept) => [...kept, ...more];

/** A graph of just these resources. */
export const graphOf = (resources: readonly Resource[], stage = "dev"): Graph => ({
  app: "example",
  stage,
  region: "us-east-1",
  accountId: "000000000000",
  resources,
  functions: [],
  outputs: {},
});

/** A policy document of these statements. */
export const policy = (...statements: readonly Record<string, unknown>[]): string =>
  JSON.stringify({ Version: "2012-10-17", Statement: statements });

/** Refuses everybody who comes without TLS. */
export const tlsOnly = (action: string): Record<string, unknown> => ({
  Effect: "Deny",
  Principal: "*",
  Action: action,
  Resource: "*",
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});
