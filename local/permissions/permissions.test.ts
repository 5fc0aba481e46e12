import { describe, expect, test } from "vitest";
import type { FunctionSpec, Graph, Resource } from "../graph/graph.ts";
import { systemClock } from "../kit/clock.ts";
import { audit } from "./audit.ts";
import { createPermissions } from "./permissions.ts";
import { merge, unusedLines } from "./report.ts";

const resource = (type: string, name: string, inputs: object, outputs: object = {}): Resource => ({
  urn: `urn:${type}:${name}`,
  type,
  name,
  id: name,
  inputs: { ...inputs },
  outputs: { ...inputs, ...outputs },
  source: `stacks/${name.toLowerCase()}.ts:1`,
});
const variable = (name: string) => `\${${name}}`;
const document = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });
const grant = (Action: string, more: object = {}) => ({ Effect: "Allow", Action, Resource: "*", ...more });

const roleArn = "arn:aws:iam::1:role/Worker";
const functionArn = "arn:aws:lambda:eu-west-1:1:function:Worker";
const spec: FunctionSpec = {
  name: "Worker",
  arn: functionArn,
  component: "Worker",
  handler: "functions/worker.handler",
  memoryMb: 128,
  timeoutSeconds: 3,
  runtime: "nodejs24.x",
  environment: {},
  roleArn,
  logGroup: "/aws/lambda/Worker",
  async: { maxRetries: 2, maxAgeSeconds: 60 },
  nodejs: {},
  source: "stacks/worker.ts:7",
};
const role = (inputs: object = {}) =>
  resource(
    "aws:iam/role:Role",
    "Worker",
    { name: "Worker", assumeRolePolicy: "{}", ...inputs },
    { arn: roleArn },
  );

const make = (...resources: Resource[]) => {
  const printed: string[] = [];
  const graph: Graph = {
    app: "app",
    stage: "s",
    region: "eu-west-1",
    accountId: "1",
    functions: [spec],
    outputs: {},
    resources,
  };
  const permissions = createPermissions({
    graph,
    clock: systemClock(),
    print: (line) => void printed.push(line),
  });
  const caller = { accessKeyId: "a", secretAccessKey: "b", functionArn, roleArn };
  const may = (action: string, arn = "arn:aws:x:::y", keys?: Record<string, string>) =>
    permissions.refuses(caller, action, arn, keys) === undefined;
  return { permissions, printed, may, graph };
};

describe("a role's permissions", () => {
  test("come from inline policies, from attached ones, and from AWS's own by name", () => {
    const { may, printed } = make(
      role({
        inlinePolicies: [{ name: "inline", policy: document(grant("a:Inline")) }],
        managedPolicyArns: ["arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"],
      }),
      resource("aws:iam/rolePolicy:RolePolicy", "Beside", {
        role: "Worker",
        policy: document(grant("a:Beside")),
      }),
      resource(
        "aws:iam/policy:Policy",
        "Own",
        { policy: document(grant("a:Own")) },
        { arn: "arn:aws:iam::1:policy/Own" },
      ),
      resource("aws:iam/rolePolicyAttachment:RolePolicyAttachment", "One", {
        role: "Worker",
        policyArn: "arn:aws:iam::1:policy/Own",
      }),
      resource("aws:iam/policyAttachment:PolicyAttachment", "Many", {
        roles: ["Other", "Worker"],
        policyArn: "arn:aws:iam::aws:policy/AWSXRayDaemonWriteAccess",
      }),
    );
    for (const action of ["a:Inline", "a:Beside", "a:Own", "logs:PutLogEvents", "xray:PutTraceSegments"])
      expect([action, may(action)]).toEqual([action, true]);
    expect(may("a:Other")).toBe(false);
    expect(printed.filter((line) => line.startsWith("!"))).toEqual([]);
  });

  test("end at its boundary", () => {
    const { may } = make(
      role({
        inlinePolicies: [{ name: "inline", policy: document(grant("*")) }],
        permissionsBoundary: "arn:aws:iam::1:policy/Own",
      }),
      resource(
        "aws:iam/policy:Policy",
        "Own",
        { policy: document(grant("s3:*")) },
        { arn: "arn:aws:iam::1:policy/Own" },
      ),
    );
    expect(may("s3:GetObject")).toBe(true);
    expect(may("sqs:SendMessage")).toBe(false);
  });

  test("may hang on its own tags and on those of the resource", () => {
    const Condition = {
      StringEquals: {
        "aws:ResourceTag/team": variable("aws:PrincipalTag/team"),
        "lambda:SourceFunctionArn": functionArn,
      },
    };
    const { may } = make(
      role({ tags: { team: "red" }, inlinePolicies: [{ policy: document(grant("sqs:*", { Condition })) }] }),
      resource("aws:sqs/queue:Queue", "Mine", { tags: { team: "red" } }, { arn: "arn:aws:sqs:::mine" }),
      resource("aws:sqs/queue:Queue", "Theirs", { tags: { team: "blue" } }, { arn: "arn:aws:sqs:::theirs" }),
    );
    expect(may("sqs:SendMessage", "arn:aws:sqs:::mine")).toBe(true);
    expect(may("sqs:SendMessage", "arn:aws:sqs:::theirs")).toBe(false);
  });

  test("of a managed policy nobody here knows are none, and that is said", () => {
    const { may, printed } = make(role({ managedPolicyArns: ["arn:aws:iam::aws:policy/Unheard"] }));
    expect(may("a:b")).toBe(false);
    expect(printed[0]).toBe(
      "! Worker (stacks/worker.ts:1): arn:aws:iam::aws:policy/Unheard is not known here, so it grants nothing",
    );
  });

  test("are not checked where the stacks only refer to the role", () => {
    const { may, printed } = make(resource("aws:iam/role:Role", "Worker", {}, { arn: roleArn }));
    expect(may("a:b")).toBe(true);
    expect(printed[0]).toContain("what it may do is not checked");
  });

  test("that AWS would not take stop the start with the line of the stack", () => {
    const odd = document(grant("a:b", { Condition: { Sometimes: { "aws:UserAgent": "x" } } }));
    expect(() => make(role({ inlinePolicies: [{ name: "odd", policy: odd }] }))).toThrow(
      'Worker (stacks/worker.ts:1): inline policy "odd" is malformed: "Sometimes" is no condition operator of IAM',
    );
  });

  test("do not bind the developer", () => {
    const { permissions } = make(role());
    expect(permissions.refuses({ accessKeyId: "d", secretAccessKey: "e" }, "a:b", "*")).toBeUndefined();
  });
});

describe("a function's own policy", () => {
  const permission = (inputs: object) =>
    resource("aws:lambda/permission:Permission", "Let", {
      action: "lambda:InvokeFunction",
      function: "Worker",
      ...inputs,
    });
  const invoke = { action: "lambda:InvokeFunction", resource: functionArn };

  test("lets in the service it names, for the source it names", () => {
    const { permissions } = make(
      role(),
      permission({ principal: "s3.amazonaws.com", sourceArn: "arn:aws:s3:::photos" }),
    );
    expect(permissions.refusesService({ ...invoke, sourceArn: "arn:aws:s3:::photos" })).toBeUndefined();
    expect(permissions.refusesService({ ...invoke, sourceArn: "arn:aws:s3:::videos" })).toContain(
      "s3.amazonaws.com",
    );
    expect(permissions.refusesService({ ...invoke, sourceArn: "arn:aws:sns:eu-west-1:1:t" })).toContain(
      "because no resource-based policy allows the lambda:InvokeFunction action",
    );
  });

  test("knows a log group by its streams, and an API by its methods", () => {
    const logs = make(
      role(),
      permission({ principal: "logs.amazonaws.com", sourceArn: "arn:aws:logs:eu-west-1:1:log-group:/g:*" }),
    );
    const from = (sourceArn: string) => ({ ...invoke, sourceArn });
    expect(logs.permissions.refusesService(from("arn:aws:logs:eu-west-1:1:log-group:/g"))).toBeUndefined();
    const api = make(
      role(),
      permission({
        principal: "apigateway.amazonaws.com",
        sourceArn: "arn:aws:execute-api:eu-west-1:1:abc/*",
      }),
    );
    expect(
      api.permissions.refusesService(from("arn:aws:apigateway:eu-west-1::/restapis/abc")),
    ).toBeUndefined();
    expect(api.permissions.refusesService(from("arn:aws:apigateway:eu-west-1::/restapis/abd"))).toBeDefined();
  });
});

describe("a resource's policy", () => {
  const bucketPolicy = resource("aws:s3/bucketPolicy:BucketPolicy", "Public", {
    bucket: "photos",
    policy: document(
      { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "arn:aws:s3:::photos/public/*" },
      { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "arn:aws:s3:::photos/public/secret" },
    ),
  });

  test("opens what it names to callers nobody knows", () => {
    const { permissions } = make(bucketPolicy);
    expect(permissions.anonymous("s3:GetObject", "arn:aws:s3:::photos/public/a")).toBe("allow");
    expect(permissions.anonymous("s3:GetObject", "arn:aws:s3:::photos/private/a")).toBe("none");
    expect(permissions.anonymous("s3:GetObject", "arn:aws:s3:::photos/public/secret")).toBe("deny");
  });

  test("can be changed while all runs, and what was decided before is forgotten", () => {
    const { permissions, may } = make(role(), bucketPolicy);
    const at = "arn:aws:s3:::photos/private/a";
    expect(may("s3:GetObject", at)).toBe(false);
    permissions.setResourcePolicy(
      "arn:aws:s3:::photos",
      document({
        Effect: "Allow",
        Principal: { AWS: roleArn },
        Action: "s3:*",
        Resource: "arn:aws:s3:::photos/*",
      }),
    );
    expect(may("s3:GetObject", at)).toBe(true);
    permissions.setResourcePolicy("arn:aws:s3:::photos", undefined);
    expect(may("s3:GetObject", at)).toBe(false);
    expect(() => permissions.setResourcePolicy("arn:aws:s3:::photos", "{")).toThrow("The policy is not JSON");
  });
});

describe("the report", () => {
  const used = (...actions: string[]) => {
    const inline = [{ name: "inline", policy: document(grant("sqs:SendMessage"), grant("dynamodb:*")) }];
    const { permissions, may } = make(role({ inlinePolicies: inline }));
    for (const action of actions) may(action);
    return permissions.report();
  };

  test("counts each grant, though a decision is remembered", () => {
    const [holder] = used("dynamodb:GetItem", "dynamodb:GetItem", "dynamodb:PutItem").holders;
    expect(holder).toMatchObject({
      name: "Worker",
      handler: "functions/worker.handler",
      source: "stacks/worker.ts:7",
    });
    expect(holder?.grants.map(({ action, uses }) => [action, uses])).toEqual([
      ["sqs:SendMessage", 0],
      ["dynamodb:*", 3],
    ]);
  });

  test("adds up over runs: unused is what no run used", () => {
    expect(unusedLines(used("dynamodb:GetItem"))).toEqual([
      "Worker (stacks/worker.ts:7): sqs:SendMessage on *",
    ]);
    expect(unusedLines(merge([used("dynamodb:GetItem"), used()]))).toHaveLength(1);
    expect(unusedLines(merge([used("dynamodb:GetItem"), used("sqs:SendMessage")]))).toEqual([]);
  });

  test("counts what Lambda itself writes a log with, and misses no right to make a group", () => {
    const basic = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
    const group = resource("aws:cloudwatch/logGroup:LogGroup", "WorkerLogs", { name: spec.logGroup });
    const granted = make(role({ managedPolicyArns: [basic] }), group);
    audit(granted.graph, granted.permissions);
    expect(granted.permissions.report().holders[0]?.grants).toHaveLength(3);
    expect(unusedLines(granted.permissions.report())).toEqual([]);
    const policy = document(grant("logs:CreateLogStream"), grant("logs:PutLogEvents"));
    const lesser = make(role({ inlinePolicies: [{ name: "inline", policy }] }), group);
    audit(lesser.graph, lesser.permissions);
    expect(lesser.printed).toEqual([]);
    const none = make(role(), group);
    audit(none.graph, none.permissions);
    expect(none.permissions.report().denials.map(({ action }) => action)).toEqual([
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ]);
    const unlogged = make(role());
    audit(unlogged.graph, unlogged.permissions);
    expect(unlogged.permissions.report().denials).toEqual([]);
  });

  test("tells a refusal once on the terminal, and how often it was given", () => {
    const { permissions, printed, may } = make(role());
    for (let i = 0; i < 5; i++) may("sqs:SendMessage", "arn:aws:sqs:eu-west-1:1:q");
    expect(printed).toHaveLength(1);
    expect(permissions.report().denials).toMatchObject([
      { who: "Worker", action: "sqs:SendMessage", count: 5 },
    ]);
  });
});
