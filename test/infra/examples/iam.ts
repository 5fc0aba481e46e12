import { arnOf, but, type Example, made, plus, policy } from "../kit/example.ts";

const table = arnOf("dynamodb", "table/links");

const role = made("aws:iam/role:Role", "Role", {
  inlinePolicies: [
    {
      name: "inline",
      policy: policy(
        { Effect: "Allow", Action: ["dynamodb:GetItem"], Resource: [table] },
        { Effect: "Allow", Action: ["xray:PutTraceSegments", "xray:PutTelemetryRecords"], Resource: "*" },
        { Effect: "Deny", Action: "*", Resource: "*" },
      ),
    },
  ],
});

const inline = (...statements: Record<string, unknown>[]) =>
  but("Role", { inlinePolicies: [{ name: "inline", policy: policy(...statements) }] });

const attached = (statement: Record<string, unknown>) =>
  plus(made("aws:iam/rolePolicy:RolePolicy", "Attached", { role: "Role", policy: policy(statement) }));

// A managed policy of the account's own, attached by ARN: its document counts like any other.
const managed = (statement: Record<string, unknown>) =>
  plus(
    made("aws:iam/policy:Policy", "Managed", { policy: policy(statement) }),
    made("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "Attachment", {
      role: "Role",
      policyArn: arnOf("iam", "Managed"),
    }),
  );

const everything = { Effect: "Allow", Action: "*", Resource: table };
const anyTable = { Effect: "Allow", Action: "dynamodb:GetItem", Resource: "*" };

/** What roles may do. */
export const iamExamples: readonly Example[] = [
  {
    rule: 13,
    kept: [role],
    broken: {
      everything: inline(everything),
      "everything of a service": inline({ Effect: "Allow", Action: ["dynamodb:*"], Resource: [table] }),
      "by a policy beside the role": attached(everything),
      "by a managed policy of our own": managed(everything),
    },
  },
  {
    rule: 14,
    kept: [role],
    broken: {
      "any table": inline(anyTable),
      "any table, spelt out": inline({ ...anyTable, Resource: "arn:aws:dynamodb:*:*:*" }),
      "one of two actions knows resources": inline({
        Effect: "Allow",
        Action: ["xray:PutTraceSegments", "sqs:SendMessage"],
        Resource: "*",
      }),
      "by a policy beside the role": attached(anyTable),
      "by a managed policy of our own": managed(anyTable),
    },
  },
  {
    rule: 15,
    kept: [role],
    broken: {
      listed: but("Role", {
        managedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
      }),
      attached: plus(
        made("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "Attachment", {
          role: "Role",
          policyArn: "arn:aws:iam::aws:policy/AdministratorAccess",
        }),
      ),
    },
  },
];
