import { createHash } from "node:crypto";
import { mapOf, textOf, entries as xmlMap } from "../../kit/query.ts";
import { arnOf, endpointOf, page, platformOf, texts } from "./arn.ts";
import { snsErrors } from "./errors.ts";
import type { Attributes, Endpoint, Operation, Platform, SnsContext } from "./model.ts";

const KINDS = /^(ADM|APNS(_VOIP)?(_SANDBOX)?|MACOS(_SANDBOX)?|BAIDU|FCM|GCM|MPNS|WNS)$/;

// Credentials are shown to nobody.
const SECRET = new Set(["PlatformCredential", "PlatformPrincipal"]);

const SETTABLE =
  /^(PlatformCredential|PlatformPrincipal|ApplePlatformTeamID|ApplePlatformBundleID|Enabled|Event(EndpointCreated|EndpointDeleted|EndpointUpdated|DeliveryFailure)|SuccessFeedbackRoleArn|FailureFeedbackRoleArn|SuccessFeedbackSampleRate)$/;

const checkAttributes = (attributes: Attributes): void => {
  const unknown = Object.keys(attributes).find((name) => !SETTABLE.test(name));
  if (unknown !== undefined) throw snsErrors.invalid("Attributes", `Unknown attribute ${unknown}`);
};

const createPlatform: Operation = (context, input) => {
  const [name, kind] = [textOf(input, "Name"), textOf(input, "Platform")];
  if (!name) throw snsErrors.missing("Name");
  if (!/^[A-Za-z0-9_.-]{1,256}$/.test(name)) throw snsErrors.invalid("Name");
  if (!kind || !KINDS.test(kind)) throw snsErrors.invalid("Platform", `${kind} is not supported`);
  const attributes = texts(mapOf(input, "Attributes"));
  checkAttributes(attributes);
  if (!attributes.PlatformCredential)
    throw snsErrors.invalid("Attributes", "PlatformCredential attribute required");
  const { region, accountId } = context.cloud.graph;
  const arn = `arn:aws:sns:${region}:${accountId}:app/${kind}/${name}`;
  const existing = context.registry.platforms.get(arn);
  if (!existing?.runtime && existing) return { result: { PlatformApplicationArn: arn }, node: arn };
  context.registry.savePlatform({ arn, name, kind, attributes, runtime: true });
  return { result: { PlatformApplicationArn: arn }, node: arn };
};

const endpointsOf = (context: SnsContext, platform: Platform): Endpoint[] =>
  [...context.registry.endpoints.values()].filter(({ platformArn }) => platformArn === platform.arn);

const deletePlatform: Operation = (context, input) => {
  const arn = arnOf(context, input, "PlatformApplicationArn");
  const platform = context.registry.platforms.get(arn);
  if (!platform) return { node: arn };
  for (const endpoint of endpointsOf(context, platform)) context.registry.endpoints.delete(endpoint.arn);
  context.registry.dropPlatform(platform);
  return { node: arn };
};

const shown = (attributes: Attributes): Attributes => ({
  Enabled: "true",
  ...Object.fromEntries(Object.entries(attributes).filter(([name]) => !SECRET.has(name))),
});

const setPlatformAttributes: Operation = (context, input) => {
  const platform = platformOf(context, input);
  const changes = texts(mapOf(input, "Attributes"));
  checkAttributes(changes);
  context.registry.savePlatform(
    Object.assign(platform, { attributes: { ...platform.attributes, ...changes } }),
  );
  return { node: platform.arn };
};

// Deterministic, as AWS makes it idempotent by the token.
const endpointArn = (platform: Platform, token: string): string => {
  const hex = createHash("sha256").update(`${platform.arn}\n${token}`).digest("hex");
  const uuid = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20, 32),
  ].join("-");
  return `${platform.arn.replace(":app/", ":endpoint/")}/${uuid}`;
};

const checkToken = (platform: Platform, token: string): void => {
  if (token.length > 2_048) throw snsErrors.invalid("Token", "must be at most 2048 characters long");
  if (platform.kind.startsWith("APNS") && !/^[0-9a-f]{1,400}$/i.test(token))
    throw snsErrors.invalid("Token", "iOS device tokens must be no more than 400 hexadecimal characters");
};

const ENDPOINT_ATTRIBUTES = new Set(["CustomUserData", "Enabled", "Token", "UserId", "ChannelId"]);

const checkEndpointAttributes = (platform: Platform, attributes: Attributes): void => {
  for (const [name, value] of Object.entries(attributes)) {
    if (!ENDPOINT_ATTRIBUTES.has(name)) throw snsErrors.invalid("Attributes", `Unknown attribute ${name}`);
    if (name === "Enabled" && value !== "true" && value !== "false")
      throw snsErrors.invalid("Attributes", `Invalid value for attribute: Enabled: ${value}`);
    if (name === "CustomUserData" && Buffer.byteLength(value) > 2_048)
      throw snsErrors.invalid(
        "Attributes",
        "Invalid value for attribute: CustomUserData: must be at most 2048 bytes long in UTF-8 encoding",
      );
    if (name === "Token") checkToken(platform, value);
  }
};

const byToken = (context: SnsContext, platform: Platform, token: string): Endpoint | undefined => {
  const usual = context.registry.endpoints.get(endpointArn(platform, token));
  if (usual?.attributes.Token === token) return usual;
  // An endpoint whose token was changed keeps its ARN.
  return endpointsOf(context, platform).find(({ attributes }) => attributes.Token === token);
};

const createEndpoint: Operation = (context, input) => {
  const platform = platformOf(context, input);
  const token = textOf(input, "Token");
  if (!token) throw snsErrors.missing("Token");
  checkToken(platform, token);
  if (platform.attributes.Enabled === "false") throw snsErrors.platformDisabled();
  const custom = textOf(input, "CustomUserData");
  const given = {
    ...texts(mapOf(input, "Attributes")),
    ...(custom === undefined ? {} : { CustomUserData: custom }),
  };
  checkEndpointAttributes(platform, given);
  const existing = byToken(context, platform, token);
  if (existing) {
    if (Object.entries(given).some(([name, value]) => (existing.attributes[name] ?? "") !== value))
      throw snsErrors.invalid(
        "Token",
        `Endpoint ${existing.arn} already exists with the same Token, but different attributes.`,
      );
    return { result: { EndpointArn: existing.arn }, node: platform.arn };
  }
  const usual = endpointArn(platform, token);
  const arn = context.registry.endpoints.has(usual)
    ? endpointArn(platform, `${token}\n${context.clock.now()}`)
    : usual;
  const attributes = { Enabled: "true", ...given, Token: token };
  context.registry.endpoints.set(arn, { arn, platformArn: platform.arn, attributes });
  context.announce(platform, "EventEndpointCreated", { EndpointArn: arn, Attributes: attributes });
  return { result: { EndpointArn: arn }, node: platform.arn };
};

const deleteEndpoint: Operation = (context, input) => {
  const arn = arnOf(context, input, "EndpointArn");
  const endpoint = context.registry.endpoints.get(arn);
  const platform = endpoint && context.registry.platforms.get(endpoint.platformArn);
  if (!endpoint || !platform) return { node: arn };
  context.registry.endpoints.delete(arn);
  context.announce(platform, "EventEndpointDeleted", { EndpointArn: arn });
  return { node: platform.arn };
};

/** Changes an endpoint's attributes, and tells of it. */
export const changeEndpoint = (context: SnsContext, endpoint: Endpoint, changes: Attributes): void => {
  const platform = context.registry.platforms.get(endpoint.platformArn);
  if (!platform) throw snsErrors.noPlatform();
  checkEndpointAttributes(platform, changes);
  const attributes = { ...endpoint.attributes, ...changes };
  context.registry.endpoints.set(endpoint.arn, { ...endpoint, attributes });
  context.announce(platform, "EventEndpointUpdated", { EndpointArn: endpoint.arn, Attributes: changes });
};

/** Operations on platform applications and their endpoints. */
export const platformOperations: Readonly<Record<string, Operation>> = {
  CreatePlatformApplication: createPlatform,
  DeletePlatformApplication: deletePlatform,
  SetPlatformApplicationAttributes: setPlatformAttributes,
  GetPlatformApplicationAttributes(context, input) {
    const platform = platformOf(context, input);
    return { result: { Attributes: xmlMap(shown(platform.attributes)) }, node: platform.arn };
  },
  ListPlatformApplications(context, input) {
    const { items, NextToken } = page([...context.registry.platforms.values()], input);
    const PlatformApplications = items.map(({ arn, attributes }) => ({
      PlatformApplicationArn: arn,
      Attributes: xmlMap(shown(attributes)),
    }));
    return { result: { PlatformApplications, NextToken } };
  },
  CreatePlatformEndpoint: createEndpoint,
  DeleteEndpoint: deleteEndpoint,
  GetEndpointAttributes(context, input) {
    const endpoint = endpointOf(context, input);
    return { result: { Attributes: xmlMap(endpoint.attributes) }, node: endpoint.platformArn };
  },
  SetEndpointAttributes(context, input) {
    const endpoint = endpointOf(context, input);
    changeEndpoint(context, endpoint, texts(mapOf(input, "Attributes")));
    return { node: endpoint.platformArn };
  },
  ListEndpointsByPlatformApplication(context, input) {
    const platform = platformOf(context, input);
    const { items, NextToken } = page(endpointsOf(context, platform), input);
    const Endpoints = items.map(({ arn, attributes }) => ({
      EndpointArn: arn,
      Attributes: xmlMap(attributes),
    }));
    return { result: { Endpoints, NextToken }, node: platform.arn };
  },
};
