import type { Graph, Resource } from "../../../local/graph/graph.ts";
import { byType } from "../../../local/graph/graph.ts";

/** The value at a path of keys and indexes; undefined as soon as a step is missing. */
export const at = (value: unknown, ...path: readonly (string | number)[]): unknown => {
  let here = value;
  for (const step of path) {
    if (here === null || typeof here !== "object") return undefined;
    here = (here as Record<string | number, unknown>)[step];
  }
  return here;
};

/** The input of a resource at a path. */
export const input = (resource: Resource, ...path: readonly (string | number)[]): unknown =>
  at(resource.inputs, ...path);

/** The value as text: empty when it is none. */
export const text = (value: unknown): string => (typeof value === "string" ? value : "");

/** The value as a number: NaN when it is none, which no bound accepts. */
export const number = (value: unknown): number => (typeof value === "number" ? value : Number.NaN);

/** The value as a list: a single value is a list of one, none an empty one. */
export const list = (value: unknown): readonly unknown[] => {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
};

/** Parsed JSON, or the value itself where it is data already; undefined when it is no JSON. */
export const json = (value: unknown): unknown => {
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
};

/** ARN of a resource. */
export const arn = (resource: Resource): string => text(resource.outputs.arn);

/** Whether `reference` names the resource: by ARN, id, URL or physical name, whichever the referring input holds. */
export const refersTo = (reference: unknown, resource: Resource): boolean => {
  const { outputs, id } = resource;
  const names = [outputs.arn, outputs.url, outputs.name, outputs.bucket, outputs.id, id];
  return typeof reference === "string" && reference !== "" && names.includes(reference);
};

/** The resources of a type whose input `key` refers to `to`. */
export const referring = (graph: Graph, type: string, key: string, to: Resource): Resource[] =>
  byType(graph, type).filter((candidate) => refersTo(candidate.inputs[key], to));
