import { byType } from "../../graph/graph.ts";
import { type Access, anything, arnOf, items, own, type ServiceCall, type Table, text } from "./access.ts";

/** A secret's whole ARN, whose end AWS draws, from its name or its ARN without that end. */
const secretArn = (call: ServiceCall): string => {
  const id = text(call.input.SecretId) || text(call.input.Name);
  const known = byType(call.graph, "aws:secretsmanager/secret:Secret").find(({ outputs, inputs }) => {
    const arn = text(outputs.arn);
    return arn === id || inputs.name === id || outputs.name === id || arn.replace(/-\w{6}$/, "") === id;
  });
  if (known || id.startsWith("arn:")) return text(known?.outputs.arn) || id;
  // made by API: AWS asks for the whole ARN, of whose end policies say `-??????` or `-*`
  return arnOf(call, "secretsmanager", `secret:${id}-??????`);
};

const ofSecret =
  (action: string) =>
  (call: ServiceCall): Access[] => {
    const arn = secretArn(call);
    const { VersionStage, VersionId } = call.input;
    const context = {
      "secretsmanager:SecretId": arn,
      ...(typeof VersionId === "string" ? { "secretsmanager:VersionId": VersionId } : {}),
      ...(typeof VersionStage === "string" ? { "secretsmanager:VersionStage": VersionStage } : {}),
    };
    return [{ action: `secretsmanager:${action}`, resource: arn, context: () => context }];
  };

const secretOperations = `GetSecretValue DescribeSecret PutSecretValue UpdateSecret DeleteSecret RestoreSecret
  ListSecretVersionIds UpdateSecretVersionStage RotateSecret CancelRotateSecret CreateSecret TagResource
  UntagResource GetResourcePolicy PutResourcePolicy DeleteResourcePolicy ValidateResourcePolicy`;

/** Operations of Secrets Manager. */
export const secretsmanager: Table = {
  ...Object.fromEntries(secretOperations.split(/\s+/).map((name) => [name, ofSecret(name)])),
  // the service asks for GetSecretValue on each secret that it finds, and answers what may not be read as an error of its own
  BatchGetSecretValue: (call) => [
    { action: "secretsmanager:BatchGetSecretValue", resource: "*" },
    ...(items(call.input.Filters).length > 0
      ? [{ action: "secretsmanager:ListSecrets", resource: "*" }]
      : []),
  ],
  ...own("secretsmanager", "ListSecrets GetRandomPassword", anything),
};

const parameterArn = (call: ServiceCall, name: string) => {
  // A version or a label after a colon is no part of the name.
  if (name.startsWith("arn:")) return name.split(":").slice(0, 6).join(":");
  return arnOf(call, "ssm", `parameter/${name.replace(/^\//, "").replace(/:[^/]*$/, "")}`);
};

const ofParameters = (call: ServiceCall) =>
  [...items(call.input.Names).map(text), text(call.input.Name)]
    .filter((name) => name !== "")
    .map((name) => parameterArn(call, name));

const ofTagged = (call: ServiceCall) => parameterArn(call, text(call.input.ResourceId));

/** Operations of the Parameter Store. Source: service authorization reference, AWS Systems Manager. */
export const ssm: Table = {
  ...own(
    "ssm",
    `GetParameter GetParameters GetParameterHistory PutParameter DeleteParameter DeleteParameters
     LabelParameterVersion UnlabelParameterVersion`,
    ofParameters,
  ),
  GetParametersByPath: (call) => [
    {
      action: "ssm:GetParametersByPath",
      resource: parameterArn(call, text(call.input.Path)),
      context: () => ({ "ssm:Recursive": String(call.input.Recursive === true) }),
    },
  ],
  ...own("ssm", "AddTagsToResource RemoveTagsFromResource ListTagsForResource", ofTagged),
  ...own("ssm", "DescribeParameters", anything),
};
