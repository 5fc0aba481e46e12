/** Fields of a resource, as its stack writes them. */
export type Fields = Readonly<Record<string, unknown>>;

/** A structure of a stack as the API spells it: `minimumLength` is `MinimumLength`. */
export const spelled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(spelled);
  if (typeof value !== "object" || value === null) return value ?? undefined;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name.slice(0, 1).toUpperCase() + name.slice(1),
      spelled(item),
    ]),
  );
};

const TEXTS = `name given_name family_name middle_name nickname preferred_username profile picture website email
  gender birthdate zoneinfo locale phone_number address`;

const standard = (Name: string, AttributeDataType: string, more: object = {}) => ({
  Name,
  AttributeDataType,
  DeveloperOnlyAttribute: false,
  Mutable: true,
  Required: false,
  ...more,
});

const lengths = (MinLength: string, MaxLength: string) => ({
  StringAttributeConstraints: { MinLength, MaxLength },
});

/** What Cognito gives every pool; a stack may say otherwise of each, and add its own. */
export const schemaOf = (inputs: Fields): object[] => {
  const declared = (Array.isArray(inputs.schemas) ? inputs.schemas : []) as Fields[];
  const all = [
    standard("sub", "String", { Mutable: false, Required: true, ...lengths("1", "2048") }),
    ...TEXTS.split(/\s+/).map((name) =>
      standard(name, "String", name === "birthdate" ? lengths("10", "10") : lengths("0", "2048")),
    ),
    standard("email_verified", "Boolean"),
    standard("phone_number_verified", "Boolean"),
    standard("updated_at", "Number", { NumberAttributeConstraints: { MinValue: "0" } }),
  ];
  const names = new Set(all.map(({ Name }) => Name));
  const changes = new Map(declared.map((schema) => [String(schema.name), spelled(schema) as object]));
  const own = [...changes].filter(([name]) => !names.has(name));
  return [
    ...all.map((attribute) => ({ ...attribute, ...changes.get(attribute.Name) })),
    ...own.map(([name, schema]) =>
      standard(`custom:${name}`, "String", { ...schema, Name: `custom:${name}` }),
    ),
  ];
};
