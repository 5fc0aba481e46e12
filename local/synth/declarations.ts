import type { Construction } from "./pulumi.ts";
import type { Declared } from "./registry.ts";
import type { Sources } from "./sources.ts";

// Pulumi's generated classes list what AWS computes as `resourceInputs["arn"] = undefined /*out*/`, and everything they
// take or answer as `resourceInputs["…"]`. Reading that spares a list of the outputs of every type.
const promisedIn = /resourceInputs\["(\w+)"\] = undefined \/\*out\*\//g;
const namedIn = /resourceInputs\["(\w+)"\] =/g;

interface Shape {
  readonly promised: readonly string[];
  readonly properties: readonly string[];
}

const shapeOf = (constructed: { toString(): string }): Shape => {
  const code = constructed.toString();
  const names = (pattern: RegExp) => [...new Set([...code.matchAll(pattern)].map((m) => m[1] ?? ""))];
  return { promised: names(promisedIn), properties: names(namedIn) };
};

/** Notes of each resource, as it is constructed, where that happened and what its class promises. */
export const createDeclarations = (sources: Sources) => {
  const shapes = new Map<string, Shape>();
  const declared = new Map<string, Declared>();
  return {
    note({ resource, type, name }: Construction): undefined {
      if (!shapes.has(type)) shapes.set(type, shapeOf(resource.constructor));
      const source = sources.here();
      const shape = shapes.get(type) ?? { promised: [], properties: [] };
      declared.set(`${type}::${name}`, { ...shape, ...(source ? { source } : {}) });
    },
    find: (type: string, name: string): Declared | undefined => declared.get(`${type}::${name}`),
  };
};
