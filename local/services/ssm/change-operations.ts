import {
  JsonFault,
  type JsonInput,
  optionalInteger,
  optionalText,
  outOfBounds,
  structures,
  textList,
} from "../../kit/json-service.ts";
import type { Operation, Parameter, SsmContext, Version } from "./model.ts";
import { arnOf, find, latest, nameIn, select, ssmErrors } from "./parameters.ts";
import { putParameter } from "./put.ts";

const keep = async (context: SsmContext, parameter: Parameter) => {
  context.parameters.set(parameter.name, parameter);
  await context.ledger.committed();
};

const deleteOne: Operation = async (context, input) => {
  const { parameter } = select(context, nameIn(input));
  context.parameters.delete(parameter.name);
  await context.ledger.committed();
  return { output: {}, node: arnOf(context, parameter.name) };
};

const deleteMany: Operation = async (context, input) => {
  const names = textList(input, "Names");
  if (names.length < 1 || names.length > 10)
    throw outOfBounds(names.length, "names", "length between 1 and 10");
  const [DeletedParameters, InvalidParameters]: [string[], string[]] = [[], []];
  for (const name of names) {
    if (find(context, name) && context.parameters.delete(name)) DeletedParameters.push(name);
    else InvalidParameters.push(name);
  }
  await context.ledger.committed();
  return { output: { DeletedParameters, InvalidParameters } };
};

const MOST_LABELS = 10;
const isLabel = (label: string): boolean => /^(?!aws|ssm)[A-Za-z_.-][\w.-]{0,99}$/i.test(label);

const versionOf = (parameter: Parameter, input: JsonInput): Version => {
  const number = optionalInteger(input, "ParameterVersion");
  if (number === undefined) return latest(parameter);
  const version = parameter.versions.find((one) => one.version === number);
  if (!version) throw ssmErrors.noVersion(parameter.name, String(number));
  return version;
};

const label: Operation = async (context, input) => {
  const { parameter } = select(context, nameIn(input));
  const version = versionOf(parameter, input);
  const given = textList(input, "Labels");
  if (given.length < 1 || given.length > MOST_LABELS)
    throw outOfBounds(given.length, "labels", "length between 1 and 10");
  const labels = given.filter(isLabel);
  const together = new Set([...version.labels, ...labels]);
  if (together.size > MOST_LABELS)
    throw new JsonFault(
      "ParameterVersionLabelLimitExceeded",
      "A parameter version can have a maximum of ten labels.",
    );
  // A label is on one version: it moves.
  for (const other of parameter.versions) other.labels = other.labels.filter((one) => !labels.includes(one));
  version.labels = [...together];
  await keep(context, parameter);
  return {
    output: { InvalidLabels: given.filter((one) => !isLabel(one)), ParameterVersion: version.version },
    node: arnOf(context, parameter.name),
  };
};

const unlabel: Operation = async (context, input) => {
  const { parameter } = select(context, nameIn(input));
  const version = versionOf(parameter, input);
  const given = textList(input, "Labels");
  const RemovedLabels = given.filter((one) => version.labels.includes(one));
  version.labels = version.labels.filter((one) => !given.includes(one));
  await keep(context, parameter);
  const InvalidLabels = given.filter((one) => !RemovedLabels.includes(one));
  return { output: { RemovedLabels, InvalidLabels }, node: arnOf(context, parameter.name) };
};

const tagged = (context: SsmContext, input: JsonInput): Parameter => {
  if (optionalText(input, "ResourceType") !== "Parameter")
    throw new JsonFault("InvalidResourceType", "The local cloud tags resources of type Parameter.");
  const parameter = find(context, optionalText(input, "ResourceId") ?? "");
  if (!parameter)
    throw new JsonFault(
      "InvalidResourceId",
      "The resource ID isn't valid. Verify that you entered the correct ID and try again.",
    );
  return parameter;
};

/** Operations that change. */
export const changeOperations: Readonly<Record<string, Operation>> = {
  PutParameter: putParameter,
  DeleteParameter: deleteOne,
  DeleteParameters: deleteMany,
  LabelParameterVersion: label,
  UnlabelParameterVersion: unlabel,
  async AddTagsToResource(context, input) {
    const parameter = tagged(context, input);
    const added = structures(input, "Tags").map((tag) => [
      optionalText(tag, "Key") ?? "",
      optionalText(tag, "Value") ?? "",
    ]);
    const tags = { ...parameter.tags, ...(Object.fromEntries(added) as Record<string, string>) };
    if (Object.keys(tags).length > 50)
      throw new JsonFault("TooManyTagsError", "A parameter has 50 tags at most.");
    parameter.tags = tags;
    await keep(context, parameter);
    return { output: {}, node: arnOf(context, parameter.name) };
  },
  async RemoveTagsFromResource(context, input) {
    const parameter = tagged(context, input);
    const gone = new Set(textList(input, "TagKeys"));
    parameter.tags = Object.fromEntries(Object.entries(parameter.tags).filter(([key]) => !gone.has(key)));
    await keep(context, parameter);
    return { output: {}, node: arnOf(context, parameter.name) };
  },
  ListTagsForResource(context, input) {
    const parameter = tagged(context, input);
    const TagList = Object.entries(parameter.tags).map(([Key, Value]) => ({ Key, Value }));
    return { output: { TagList }, node: arnOf(context, parameter.name) };
  },
};
