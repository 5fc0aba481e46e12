import { Resource } from "sst/resource";

/** Properties of a resource that the stack linked to this function, e.g. `linked("ShortenerTable").name`. */
export const linked = <N extends keyof Resource>(name: N): Resource[N] => Resource[name];

/** An environment variable the stack sets. Throws when it does not: a misconfigured function must not start. */
export const setting = (name: string): string => {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`The stack sets no environment variable ${name}`);
  return value;
};

/** As `linked`, of what only some stages have: undefined where the stack links no such thing. */
export const linkedIfAny = (name: string): Readonly<Record<string, unknown>> | undefined =>
  name in Resource ? (Reflect.get(Resource, name) as Readonly<Record<string, unknown>>) : undefined;
