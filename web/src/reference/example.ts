import type { JsonSchema, Reference } from "./openapi.ts";

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** Every property of an object schema, those of its parts (`allOf`) too. */
export const propertiesOf = (
  schema: JsonSchema,
  resolve: Reference["resolve"],
): readonly { name: string; schema: JsonSchema; required: boolean }[] => {
  const required = listOf(schema.required);
  const own = Object.entries((schema.properties as JsonSchema | undefined) ?? {}).map(([name, value]) => ({
    name,
    schema: resolve(value),
    required: required.includes(name),
  }));
  return [...own, ...listOf(schema.allOf).flatMap((part) => propertiesOf(resolve(part), resolve))];
};

const textOf = (schema: JsonSchema, name: string): string => {
  if (/url/i.test(name)) return "https://example.com/a/page";
  if (/email/i.test(name)) return "ada@example.com";
  if (schema.format === "date-time") return "2026-01-01T00:00:00Z";
  return "text";
};

const ofType: Record<string, (schema: JsonSchema, name: string) => unknown> = {
  string: textOf,
  integer: (schema) => schema.minimum ?? 1,
  number: (schema) => schema.minimum ?? 1,
  boolean: () => false,
  null: () => null,
};

/** A small value that has the schema's shape: required members only, so that it can be sent as it is. */
export const exampleOf = (raw: unknown, resolve: Reference["resolve"], name = "", depth = 0): unknown => {
  const schema = resolve(raw);
  if (schema.example !== undefined) return schema.example;
  if (schema.const !== undefined) return schema.const;
  if (schema.default !== undefined) return schema.default;
  if (Array.isArray(schema.enum)) return schema.enum[0];
  const variant = listOf(schema.anyOf)[0] ?? listOf(schema.oneOf)[0];
  if (variant !== undefined) return exampleOf(variant, resolve, name, depth + 1);
  if (depth > 6) return null;
  if (schema.type === "array") return [exampleOf(schema.items, resolve, name, depth + 1)];
  const properties = propertiesOf(schema, resolve);
  if (schema.type === "object" || properties.length > 0) {
    return Object.fromEntries(
      properties
        .filter(({ required }) => required)
        .map((property) => [property.name, exampleOf(property.schema, resolve, property.name, depth + 1)]),
    );
  }
  const type = Array.isArray(schema.type) ? String(schema.type[0]) : String(schema.type);
  return ofType[type]?.(schema, name) ?? "text";
};

const bounds = (schema: JsonSchema): string =>
  [
    schema.format,
    schema.pattern === undefined ? undefined : `/${String(schema.pattern)}/`,
    schema.minLength === undefined ? undefined : `length ≥ ${schema.minLength}`,
    schema.maxLength === undefined ? undefined : `length ≤ ${schema.maxLength}`,
    schema.minimum === undefined ? undefined : `≥ ${schema.minimum}`,
    schema.maximum === undefined ? undefined : `≤ ${schema.maximum}`,
    schema.minItems === undefined ? undefined : `${schema.minItems} items or more`,
    schema.maxItems === undefined ? undefined : `${schema.maxItems} items at most`,
    schema.default === undefined ? undefined : `default ${JSON.stringify(schema.default)}`,
  ]
    .filter((part) => part !== undefined)
    .join(", ");

/** A schema's type and bounds in a few words. */
export const describe = (raw: unknown, resolve: Reference["resolve"]): { type: string; bounds: string } => {
  const schema = resolve(raw);
  const variants = [...listOf(schema.anyOf), ...listOf(schema.oneOf)];
  if (variants.length > 0) {
    const types = variants.map((variant) => describe(variant, resolve).type);
    return { type: [...new Set(types)].join(" or "), bounds: bounds(schema) };
  }
  if (schema.const !== undefined) return { type: JSON.stringify(schema.const), bounds: "" };
  if (Array.isArray(schema.enum)) {
    return { type: schema.enum.map((value) => JSON.stringify(value)).join(" | "), bounds: bounds(schema) };
  }
  if (schema.type === "array") {
    const { type } = describe(schema.items, resolve);
    return { type: type.includes(" ") ? `(${type})[]` : `${type}[]`, bounds: bounds(schema) };
  }
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : schema.type;
  return { type: String(type ?? "any"), bounds: bounds(schema) };
};
