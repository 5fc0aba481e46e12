import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { contextOf, NOTHING } from "./context.ts";
import { compileDocument } from "./document.ts";
import { decide, evaluate } from "./evaluate.ts";
import type { Subject } from "./principal.ts";

const arn = "arn:aws:execute-api:eu-west-1:1:api/local/GET/links/a";
const says = (...Statement: unknown[]) =>
  evaluate({ Version: "2012-10-17", Statement }, "execute-api:Invoke", arn);
const statement = (Effect: string, Resource: unknown, Action: unknown = "execute-api:Invoke") => ({
  Effect,
  Action,
  Resource,
});

const variable = (name: string) => `\${${name}}`;

describe("a policy", () => {
  test.each([
    ["arn:aws:execute-api:eu-west-1:1:api/local/GET/*", "allow"],
    ["arn:aws:execute-api:*:*:api/*/GET/links/?", "allow"],
    ["arn:aws:execute-api:eu-west-1:1:api/local/POST/*", "none"],
    ["arn:aws:execute-api:eu-west-1:1:api/local/GET/links", "none"],
    ["arn.aws.execute-api.*", "none"],
  ])("that allows %s decides %s", (resource, decision) => {
    expect(says(statement("Allow", resource))).toBe(decision);
  });

  test("denies where any statement denies, in whatever order", () => {
    expect(says(statement("Deny", arn), statement("Allow", "*"))).toBe("deny");
    expect(says(statement("Allow", "*"), statement("Deny", [arn]))).toBe("deny");
  });

  test("takes one statement without a list, actions in any case, and the negated forms", () => {
    const lone = { Statement: statement("Allow", "*", "EXECUTE-API:*") };
    expect(evaluate(lone, "execute-api:Invoke", arn)).toBe("allow");
    expect(says({ Effect: "Allow", NotAction: "s3:*", Resource: "*" })).toBe("allow");
    expect(says({ Effect: "Allow", NotAction: "execute-api:*", Resource: "*" })).toBe("none");
    expect(says({ Effect: "Allow", Action: "*", NotResource: "*/links/*" })).toBe("none");
    expect(says({ Effect: "Deny", Action: "*", NotResource: "*/users/*" })).toBe("deny");
  });

  test("that is no policy decides nothing", () => {
    for (const document of [
      undefined,
      null,
      "x",
      {},
      { Statement: "Allow" },
      { Statement: [{ Effect: "allow" }] },
    ]) {
      expect(evaluate(document, "execute-api:Invoke", arn)).toBe("none");
    }
  });

  test("that names an operator IAM does not have is malformed as a whole", () => {
    const odd = { ...statement("Allow", "*"), Condition: { StringAlmost: { "aws:UserAgent": "curl" } } };
    expect(() => compileDocument({ Statement: odd }, { policy: "p" })).toThrow(/no condition operator/);
  });
});

const account = "111122223333";
const roleArn = `arn:aws:iam::${account}:role/Reader`;
const sessionArn = `arn:aws:sts::${account}:assumed-role/Reader/fn`;
const reader: Subject = { kind: "role", roleArn, sessionArn, account };
const bucket = "arn:aws:s3:::photos";

type Documents = Partial<Record<"identity" | "boundary" | "resource", readonly object[]>>;
const compiled = (documents: Documents) => {
  const read = (statements: readonly object[] | undefined) =>
    statements && compileDocument({ Statement: statements }, { policy: "p" });
  const [boundary, resource] = [read(documents.boundary), read(documents.resource)];
  return {
    identity: read(documents.identity) ?? [],
    ...(boundary ? { boundary } : {}),
    ...(resource ? { resource } : {}),
  };
};
const outcome = (documents: Documents, subject: Subject = reader, context = NOTHING) => {
  const question = { subject, action: "s3:GetObject", resource: `${bucket}/a.jpg`, context };
  const { allowed, refusal } = decide(compiled(documents), question);
  return allowed ? "allowed" : refusal;
};
const grant = (more: object = {}) => ({
  Effect: "Allow",
  Action: "s3:GetObject",
  Resource: `${bucket}/*`,
  ...more,
});
const ban = (more: object = {}) => ({ ...grant(more), Effect: "Deny" });

describe("within an account", () => {
  test("either the role's policies or the resource's own let a role through", () => {
    expect(outcome({})).toBe("no-identity");
    expect(outcome({ identity: [grant()] })).toBe("allowed");
    expect(outcome({ resource: [grant({ Principal: { AWS: roleArn } })] })).toBe("allowed");
    expect(outcome({ resource: [grant({ Principal: "*" })] })).toBe("allowed");
    expect(outcome({ resource: [grant({ Principal: { AWS: "*" } })] })).toBe("allowed");
    expect(outcome({ resource: [grant({ Principal: { AWS: `arn:aws:iam::${account}:role/Other` } })] })).toBe(
      "no-identity",
    );
  });

  test("a resource's policy that names the account leaves the decision to the role's own", () => {
    const root = grant({ Principal: { AWS: `arn:aws:iam::${account}:root` } });
    expect(outcome({ resource: [root] })).toBe("no-identity");
    expect(outcome({ resource: [root], identity: [grant()] })).toBe("allowed");
  });

  test("an explicit deny anywhere ends it", () => {
    expect(outcome({ identity: [grant(), ban()] })).toBe("deny-identity");
    expect(outcome({ identity: [grant()], resource: [ban({ Principal: "*" })] })).toBe("deny-resource");
    expect(outcome({ identity: [grant()], resource: [ban({ Principal: { AWS: account } })] })).toBe(
      "deny-resource",
    );
    expect(outcome({ identity: [grant()], boundary: [grant(), ban()] })).toBe("deny-boundary");
  });

  test("a boundary limits the role, but not what a resource grants to its session", () => {
    expect(outcome({ identity: [grant()], boundary: [grant({ Action: "s3:ListBucket" })] })).toBe(
      "no-boundary",
    );
    expect(outcome({ identity: [grant()], boundary: [grant()] })).toBe("allowed");
    const [toRole, toSession] = [roleArn, sessionArn].map((AWS) => grant({ Principal: { AWS } }));
    expect(outcome({ boundary: [], resource: [toRole ?? {}] })).toBe("no-boundary");
    expect(outcome({ boundary: [], resource: [toSession ?? {}] })).toBe("allowed");
  });

  test("NotPrincipal spares whom it names and strikes everyone else", () => {
    const others = ban({ NotPrincipal: { AWS: [roleArn, account] } });
    expect(outcome({ identity: [grant()], resource: [others] })).toBe("allowed");
    const spared = ban({ NotPrincipal: { AWS: "arn:aws:iam::111122223333:role/Admin" } });
    expect(outcome({ identity: [grant()], resource: [spared] })).toBe("deny-resource");
  });

  test("a service has the resource's policy alone, and nobody in particular what is open to everyone", () => {
    const service: Subject = { kind: "service", service: "cloudfront.amazonaws.com" };
    const forService = grant({
      Principal: { Service: "cloudfront.amazonaws.com" },
      Condition: { StringEquals: { "aws:SourceArn": "arn:aws:cloudfront::1:distribution/E1" } },
    });
    const from = (id: string) => contextOf({ "AWS:SourceArn": `arn:aws:cloudfront::1:distribution/${id}` });
    expect(outcome({ identity: [grant()] }, service)).toBe("no-resource");
    expect(outcome({ resource: [forService] }, service, from("E1"))).toBe("allowed");
    expect(outcome({ resource: [forService] }, service, from("E2"))).toBe("no-resource");
    expect(outcome({ resource: [grant({ Principal: "*" })] }, { kind: "anonymous" })).toBe("allowed");
    expect(outcome({ resource: [forService] }, { kind: "anonymous" })).toBe("no-resource");
  });
});

// Source: IAM user guide, "Policy evaluation logic" and the examples beside it.
describe("an example of AWS's documentation", () => {
  test("deny all but a path of one's own, by a policy variable", () => {
    const own = compileDocument(
      {
        Statement: [
          { Effect: "Allow", Action: "s3:*", Resource: `arn:aws:s3:::home/${variable("aws:username")}/*` },
        ],
      },
      { policy: "p" },
    );
    const ask = (key: string, user?: string) =>
      decide(
        { identity: own },
        {
          subject: reader,
          action: "s3:GetObject",
          resource: `arn:aws:s3:::home/${key}`,
          context: user === undefined ? NOTHING : contextOf({ "aws:username": user }),
        },
      ).allowed;
    expect(ask("ann/x", "ann")).toBe(true);
    expect(ask("bob/x", "ann")).toBe(false);
    expect(ask("ann/x")).toBe(false);
    expect(ask("bob/x", "*")).toBe(false);
    expect(ask("*/x", "*")).toBe(true);
  });

  test("dynamodb: items whose partition key is one's own", () => {
    const document = {
      Statement: {
        Effect: "Allow",
        Action: ["dynamodb:GetItem", "dynamodb:Query"],
        Resource: "arn:aws:dynamodb:us-west-2:123456789012:table/GameScores",
        Condition: {
          "ForAllValues:StringEquals": {
            "dynamodb:LeadingKeys": [variable("www.amazon.com:user_id")],
            "dynamodb:Attributes": ["UserId", "GameTitle", "Wins"],
          },
          StringEqualsIfExists: { "dynamodb:Select": "SPECIFIC_ATTRIBUTES" },
        },
      },
    };
    const ask = (keys: Record<string, string | string[]>) =>
      evaluate(
        document,
        "dynamodb:Query",
        "arn:aws:dynamodb:us-west-2:123456789012:table/GameScores",
        contextOf({ "www.amazon.com:user_id": "ann", ...keys }),
      );
    expect(ask({ "dynamodb:LeadingKeys": ["ann"], "dynamodb:Attributes": ["Wins"] })).toBe("allow");
    expect(ask({ "dynamodb:LeadingKeys": ["ann", "bob"] })).toBe("none");
    expect(ask({ "dynamodb:LeadingKeys": ["ann"], "dynamodb:Attributes": ["Losses"] })).toBe("none");
    expect(ask({ "dynamodb:LeadingKeys": ["ann"], "dynamodb:Select": "ALL_ATTRIBUTES" })).toBe("none");
  });
});

const anyStatement = fc.record({
  Effect: fc.constantFrom("Allow", "Deny"),
  Action: fc.subarray(["s3:GetObject", "s3:*", "*", "s3:Put*", "sqs:SendMessage"], { minLength: 1 }),
  Resource: fc.subarray([`${bucket}/*`, "*", `${bucket}/?.jpg`, "arn:aws:s3:::other/*"], { minLength: 1 }),
});

describe("whatever the statements", () => {
  test("one that denies the action on the resource wins", () => {
    fc.assert(
      fc.property(fc.array(anyStatement), fc.array(anyStatement), (before, after) => {
        expect(outcome({ identity: [...before, ban(), ...after] })).toBe("deny-identity");
      }),
    );
  });

  test("their order does not matter", () => {
    const shuffled = fc
      .array(anyStatement, { maxLength: 8 })
      .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(
      fc.property(shuffled, ([all, other]) => {
        expect(outcome({ identity: other })).toBe(outcome({ identity: all }));
      }),
    );
  });

  test("another allowing statement never takes anything away", () => {
    fc.assert(
      fc.property(fc.array(anyStatement), (all) => {
        const before = outcome({ identity: all });
        if (before === "allowed") expect(outcome({ identity: [...all, grant()] })).toBe("allowed");
        else expect(["allowed", before]).toContain(outcome({ identity: [...all, grant()] }));
      }),
    );
  });
});
