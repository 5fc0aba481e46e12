import { createHash } from "node:crypto";
import { JsonFault, type JsonInput, optionalText } from "../../kit/json-service.ts";
import type { Parameter, SsmContext, Version } from "./model.ts";

/** Errors by the name of what went wrong. */
export const ssmErrors = {
  none: (name: string) => new JsonFault("ParameterNotFound", `Parameter ${name} not found.`),
  noVersion: (name: string, version: string) =>
    new JsonFault(
      "ParameterVersionNotFound",
      `Systems Manager could not find version ${version} of ${name}. Verify the version and try again.`,
    ),
  noLabel: (name: string, label: string) =>
    new JsonFault(
      "ParameterVersionNotFound",
      `Systems Manager could not find label ${label} for parameter ${name}. Verify the label and try again.`,
    ),
  validation: (message: string) => new JsonFault("ValidationException", message),
} as const;

/** ARN of a parameter. */
export const arnOf = ({ cloud }: Pick<SsmContext, "cloud">, name: string): string =>
  `arn:aws:ssm:${cloud.graph.region}:${cloud.graph.accountId}:parameter${name.startsWith("/") ? "" : "/"}${name}`;

/** A parameter's name, given that or its ARN. */
const nameOf = (context: SsmContext, text: string): string => {
  const prefix = arnOf(context, "/");
  if (!text.startsWith(prefix)) return text;
  const rest = text.slice(prefix.length);
  return context.parameters.has(`/${rest}`) || rest.includes("/") ? `/${rest}` : rest;
};

/** A parameter that is there, and has not expired. */
export const find = (context: SsmContext, name: string): Parameter | undefined => {
  const parameter = context.parameters.get(name);
  if (parameter?.expiresAt === undefined || parameter.expiresAt > context.cloud.clock.now()) return parameter;
  context.parameters.delete(name);
  return undefined;
};

/** All parameters that are there, by name. */
export const all = (context: SsmContext): Parameter[] =>
  [...context.parameters.values()]
    .filter(({ name }) => find(context, name))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

/** The newest version. */
export const latest = (parameter: Parameter): Version => {
  const version = parameter.versions.at(-1);
  if (!version) throw new Error(`${parameter.name} has no version`);
  return version;
};

/** What `name`, `name:3` or `name:label` selects. */
export interface Selected {
  readonly parameter: Parameter;
  readonly version: Version;
  readonly selector?: string;
}

/** Finds what a name with its selector means; throws in AWS's words. */
export const select = (context: SsmContext, text: string): Selected => {
  const arn = text.startsWith("arn:");
  const at = text.indexOf(":", arn ? arnOf(context, "/").length : 0);
  const [given, selector] = at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
  const name = nameOf(context, given);
  const parameter = find(context, name);
  if (!parameter) throw ssmErrors.none(text);
  if (selector === undefined) return { parameter, version: latest(parameter) };
  const numbered = /^\d+$/.test(selector);
  const version = parameter.versions.find((one) =>
    numbered ? String(one.version) === selector : one.labels.includes(selector),
  );
  if (version) return { parameter, version, selector: `:${selector}` };
  throw numbered ? ssmErrors.noVersion(name, selector) : ssmErrors.noLabel(name, selector);
};

// What an encrypted value looks like to whoever does not ask for it decrypted: nothing can be read from it.
const sealed = (arn: string, { value, version }: Version): string =>
  Buffer.concat([
    Buffer.from("0102020078", "hex"),
    createHash("sha512").update(`${arn}\n${version}\n${value}`).digest(),
  ]).toString("base64");

/** The name an input must state. */
export const nameIn = (input: JsonInput): string => {
  const name = optionalText(input, "Name");
  if (name) return name;
  throw ssmErrors.validation(
    "1 validation error detected: Value null at 'name' failed to satisfy constraint: Member must not be null",
  );
};

/** A version as the API shows it. */
export const shown = (context: SsmContext, { parameter, version, selector }: Selected, decrypt: boolean) => {
  const arn = arnOf(context, parameter.name);
  return {
    Name: parameter.name,
    Type: version.type,
    Value: version.type === "SecureString" && !decrypt ? sealed(arn, version) : version.value,
    Version: version.version,
    ...(selector === undefined ? {} : { Selector: selector }),
    LastModifiedDate: version.at / 1000,
    ARN: arn,
    DataType: version.dataType,
  };
};

/** What is told of a version beside its value. */
export const metadata = (version: Version) => ({
  Type: version.type,
  ...(version.keyId === undefined ? {} : { KeyId: version.keyId }),
  LastModifiedDate: version.at / 1000,
  LastModifiedUser: version.user,
  ...(version.description === undefined ? {} : { Description: version.description }),
  ...(version.allowedPattern === undefined ? {} : { AllowedPattern: version.allowedPattern }),
  Version: version.version,
  Tier: version.tier,
  Policies: (version.policies ?? []).map(({ text, type }) => ({
    PolicyText: text,
    PolicyType: type,
    PolicyStatus: "Pending",
  })),
  DataType: version.dataType,
});
