import { describe, propertiesOf } from "./example.ts";
import type { JsonSchema, Reference } from "./openapi.ts";

interface Props {
  readonly schema: unknown;
  readonly resolve: Reference["resolve"];
  readonly depth?: number;
}

/** The object whose members are worth listing: the schema itself, its items, or its non-null variant. */
const inner = (schema: JsonSchema, resolve: Reference["resolve"]): JsonSchema => {
  if (schema.type === "array") return inner(resolve(schema.items), resolve);
  const variants = [...((schema.anyOf as unknown[]) ?? []), ...((schema.oneOf as unknown[]) ?? [])].map(
    resolve,
  );
  const object = variants.find((variant) => variant.type === "object");
  return object ?? schema;
};

const maxDepth = 4;

/** An object's members: name, type, bounds, and their own members below. */
export const SchemaView = ({ schema, resolve, depth = 0 }: Props) => {
  const properties = propertiesOf(inner(resolve(schema), resolve), resolve);
  if (properties.length === 0 || depth > maxDepth) {
    return depth === 0 ? <p className="small mono">{describe(schema, resolve).type}</p> : null;
  }
  return (
    <ul className="schema">
      {properties.map((property) => {
        const { type, bounds } = describe(property.schema, resolve);
        return (
          <li key={property.name}>
            <p className="schema-line">
              <code className="schema-name">{property.name}</code>
              <span className="schema-type">{type}</span>
              {property.required && <span className="schema-required">required</span>}
              {bounds !== "" && <span className="schema-bounds">{bounds}</span>}
            </p>
            <SchemaView schema={property.schema} resolve={resolve} depth={depth + 1} />
          </li>
        );
      })}
    </ul>
  );
};
