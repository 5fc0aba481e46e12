import type { Caller } from "../../kit/credentials.ts";
import {
  flag,
  JsonFault,
  type JsonInput,
  jsonPage,
  optionalInteger,
  optionalText,
  outOfBounds,
  structures,
  textList,
} from "../../kit/json-service.ts";
import { wantedBy } from "./filters.ts";
import type { Operation, SsmContext } from "./model.ts";
import { all, arnOf, latest, metadata, nameIn, select, shown, ssmErrors } from "./parameters.ts";

const SECRET = "/aws/reference/secretsmanager/";

const badToken = () => new JsonFault("InvalidNextToken", "The specified token isn't valid.");

const limit = (input: JsonInput, most: number): number => {
  const max = optionalInteger(input, "MaxResults") ?? most;
  if (max < 1 || max > most)
    throw outOfBounds(
      max,
      "maxResults",
      `value ${max < 1 ? "greater than or equal to 1" : `less than or equal to ${most}`}`,
    );
  return max;
};

/** Who asks, and whether for plain values. */
interface Asked {
  readonly decrypt: boolean;
  readonly caller: Caller | undefined;
}

// A secret of Secrets Manager under a name of Parameter Store.
const referred = (context: SsmContext, name: string, { decrypt, caller }: Asked) => {
  if (!decrypt)
    throw ssmErrors.validation("WithDecryption flag must be True for retrieving a Secret Manager secret.");
  const secret = context.deps.secret(name.slice(SECRET.length), caller);
  if (!secret)
    throw ssmErrors.none(
      `An error occurred (ResourceNotFoundException) when referencing Secrets Manager: Secret ${name}`,
    );
  return {
    Name: name,
    Type: "SecureString",
    Value: secret.SecretString ?? "",
    Version: 0,
    SourceResult: JSON.stringify(secret),
    LastModifiedDate: secret.CreatedDate,
    ARN: secret.ARN,
  };
};

const one = (context: SsmContext, name: string, asked: Asked) =>
  name.startsWith(SECRET)
    ? referred(context, name, asked)
    : shown(context, select(context, name), asked.decrypt);

const getParameter: Operation = (context, input, { caller }) => {
  const name = nameIn(input);
  const parameter = one(context, name, { decrypt: flag(input, "WithDecryption"), caller });
  return { output: { Parameter: parameter }, node: parameter.ARN };
};

/** What fails the whole of a call for several parameters; a name that there is none of is told beside the others. */
const WHOLE = new Set(["ValidationException", "AccessDeniedException"]);

const getParameters: Operation = (context, input, { caller }) => {
  const names = textList(input, "Names");
  if (names.length < 1 || names.length > 10)
    throw outOfBounds(
      `[${names.join(", ").slice(0, 200)}]`,
      "names",
      names.length < 1 ? "length greater than or equal to 1" : "length less than or equal to 10",
    );
  const Parameters: object[] = [];
  const InvalidParameters: string[] = [];
  for (const name of new Set(names)) {
    try {
      Parameters.push(one(context, name, { decrypt: flag(input, "WithDecryption"), caller }));
    } catch (error) {
      if (!(error instanceof JsonFault) || WHOLE.has(error.code)) throw error;
      InvalidParameters.push(name);
    }
  }
  return { output: { Parameters, InvalidParameters } };
};

const getByPath: Operation = (context, input) => {
  const path = optionalText(input, "Path") ?? "";
  if (!path.startsWith("/"))
    throw ssmErrors.validation(
      `The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash "/". It can't be prefixed with \\"aws\\" or \\"ssm\\" (case-insensitive). It must use only letters, numbers, or the following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.`,
    );
  const prefix = path.endsWith("/") ? path : `${path}/`;
  const recursive = flag(input, "Recursive");
  const filters = structures(input, "ParameterFilters");
  const found = all(context).filter(
    (parameter) =>
      parameter.name.startsWith(prefix) &&
      (recursive || !parameter.name.slice(prefix.length).includes("/")) &&
      filters.every((filter) => wantedBy(parameter, filter)),
  );
  const { items, NextToken } = jsonPage(found, input, limit(input, 10), badToken);
  const decrypt = flag(input, "WithDecryption");
  const Parameters = items.map((parameter) =>
    shown(context, { parameter, version: latest(parameter) }, decrypt),
  );
  return { output: { Parameters, ...(NextToken ? { NextToken } : {}) } };
};

const describe: Operation = (context, input) => {
  const filters = [...structures(input, "ParameterFilters"), ...structures(input, "Filters")];
  const found = all(context).filter((parameter) => filters.every((filter) => wantedBy(parameter, filter)));
  const { items, NextToken } = jsonPage(found, input, limit(input, 50), badToken);
  const Parameters = items.map((parameter) => ({
    Name: parameter.name,
    ARN: arnOf(context, parameter.name),
    ...metadata(latest(parameter)),
  }));
  return { output: { Parameters, ...(NextToken ? { NextToken } : {}) } };
};

const history: Operation = (context, input) => {
  const { parameter } = select(context, nameIn(input));
  const decrypt = flag(input, "WithDecryption");
  const { items, NextToken } = jsonPage(parameter.versions, input, limit(input, 50), badToken);
  const Parameters = items.map((version) => ({
    Name: parameter.name,
    ...metadata(version),
    Value: shown(context, { parameter, version }, decrypt).Value,
    Labels: version.labels,
  }));
  return {
    output: { Parameters, ...(NextToken ? { NextToken } : {}) },
    node: arnOf(context, parameter.name),
  };
};

/** Operations that read. */
export const getOperations: Readonly<Record<string, Operation>> = {
  GetParameter: getParameter,
  GetParameters: getParameters,
  GetParametersByPath: getByPath,
  DescribeParameters: describe,
  GetParameterHistory: history,
};
