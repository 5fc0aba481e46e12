import { JsonFault, type JsonInput, optionalText, textList } from "../../kit/json-service.ts";
import type { Parameter } from "./model.ts";
import { latest } from "./parameters.ts";

const fits = (option: string, text: string, value: string): boolean => {
  if (option === "Equals") return text === value;
  if (option === "BeginsWith") return text.startsWith(value);
  if (option === "Contains") return text.includes(value);
  throw new JsonFault("InvalidFilterOption", `The following filter option is not valid: ${option}.`);
};

const underPath = (option: string, name: string, path: string): boolean => {
  const prefix = path.endsWith("/") ? path : `${path}/`;
  if (option !== "Recursive" && option !== "OneLevel")
    throw new JsonFault("InvalidFilterOption", `The following filter option is not valid: ${option}.`);
  return name.startsWith(prefix) && (option === "Recursive" || !name.slice(prefix.length).includes("/"));
};

const textsOf = (parameter: Parameter, key: string): readonly string[] => {
  const { type, keyId, tier, dataType, labels } = latest(parameter);
  if (key === "Name") return [parameter.name, parameter.name.replace(/^\//, "")];
  if (key === "Type") return [type];
  if (key === "KeyId") return keyId === undefined ? [] : [keyId];
  if (key === "Tier") return [tier];
  if (key === "DataType") return [dataType];
  if (key === "Label") return [...labels, ...parameter.versions.flatMap((version) => version.labels)];
  throw new JsonFault("InvalidFilterKey", `The specified key isn't valid: ${key}`);
};

/** Whether a parameter passes one filter: any of its values does. */
export const wantedBy = (parameter: Parameter, filter: JsonInput): boolean => {
  const key = optionalText(filter, "Key") ?? "";
  const values = textList(filter, "Values");
  if (key.startsWith("tag:")) {
    const tag = parameter.tags[key.slice(4)];
    return tag !== undefined && (values.length === 0 || values.includes(tag));
  }
  if (key === "Path") {
    const option = optionalText(filter, "Option") ?? "OneLevel";
    return values.some((value) => underPath(option, parameter.name, value));
  }
  const option = optionalText(filter, "Option") ?? "Equals";
  const texts = textsOf(parameter, key);
  return values.some((value) => texts.some((text) => fits(option, text, value)));
};
