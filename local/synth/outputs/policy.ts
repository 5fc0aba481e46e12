type Inputs = Readonly<Record<string, unknown>>;

interface Statement {
  readonly sid?: string;
  readonly effect?: string;
  readonly actions?: readonly string[];
  readonly notActions?: readonly string[];
  readonly resources?: readonly string[];
  readonly notResources?: readonly string[];
  readonly principals?: readonly Principal[];
  readonly notPrincipals?: readonly Principal[];
  readonly conditions?: readonly { test: string; variable: string; values: readonly string[] }[];
}

interface Principal {
  readonly type: string;
  readonly identifiers: readonly string[];
}

// The provider writes a list of one as its element, and sorts neither actions nor resources.
const single = (values: readonly string[] | undefined) =>
  values?.length === 1 ? values[0] : values?.length ? values : undefined;

const principals = (list: readonly Principal[] | undefined): unknown => {
  if (!list?.length) return undefined;
  if (list.some((p) => p.type === "*")) return "*";
  const types = [...new Set(list.map((p) => p.type))];
  return Object.fromEntries(
    types.map((type) => [type, single(list.filter((p) => p.type === type).flatMap((p) => p.identifiers))]),
  );
};

const conditions = (list: Statement["conditions"]): unknown => {
  if (!list?.length) return undefined;
  const result: Record<string, Record<string, unknown>> = {};
  for (const { test, variable, values } of list) {
    result[test] = { ...result[test], [variable]: single(values) };
  }
  return result;
};

const render = (statement: Statement) => ({
  Sid: statement.sid || undefined,
  Effect: statement.effect ?? "Allow",
  Principal: principals(statement.principals),
  NotPrincipal: principals(statement.notPrincipals),
  Action: single(statement.actions),
  NotAction: single(statement.notActions),
  Resource: single(statement.resources),
  NotResource: single(statement.notResources),
  Condition: conditions(statement.conditions),
});

interface Rendered {
  readonly Sid?: string;
}

const parsed = (documents: unknown): Rendered[] =>
  (Array.isArray(documents) ? documents : []).flatMap((json) => JSON.parse(String(json)).Statement ?? []);

/** `aws.iam.getPolicyDocument`: the JSON that AWS would be given. */
export const policyDocument = (inputs: Inputs): Record<string, unknown> => {
  const own = ((inputs.statements ?? []) as readonly Statement[]).map(render);
  const before = parsed(inputs.sourcePolicyDocuments);
  const over = parsed(inputs.overridePolicyDocuments);
  const overridden = new Set(over.map((statement) => statement.Sid).filter(Boolean));
  const document = {
    Version: inputs.version ?? "2012-10-17",
    Id: inputs.policyId,
    Statement: [...[...before, ...own].filter((statement) => !overridden.has(statement.Sid)), ...over],
  };
  const json = JSON.stringify(document, null, 2);
  // No statements come back as none at all: SST then leaves the inline policy out, as IAM demands.
  const statements = own.length ? inputs.statements : undefined;
  return { id: String(json.length), json, minifiedJson: JSON.stringify(document), statements };
};
