import { describe, expect, test } from "vitest";
import { evaluate } from "./policy.ts";

const arn = "arn:aws:execute-api:eu-west-1:1:api/local/GET/links/a";
const decide = (...Statement: unknown[]) =>
  evaluate({ Version: "2012-10-17", Statement }, "execute-api:Invoke", arn);
const statement = (Effect: string, Resource: unknown, Action: unknown = "execute-api:Invoke") => ({
  Effect,
  Action,
  Resource,
});

describe("a policy", () => {
  test.each([
    ["arn:aws:execute-api:eu-west-1:1:api/local/GET/*", "allow"],
    ["arn:aws:execute-api:*:*:api/*/GET/links/?", "allow"],
    ["arn:aws:execute-api:eu-west-1:1:api/local/POST/*", "none"],
    ["arn:aws:execute-api:eu-west-1:1:api/local/GET/links", "none"],
    ["arn.aws.execute-api.*", "none"],
  ])("that allows %s decides %s", (resource, decision) => {
    expect(decide(statement("Allow", resource))).toBe(decision);
  });

  test("denies where any statement denies, in whatever order", () => {
    expect(decide(statement("Deny", arn), statement("Allow", "*"))).toBe("deny");
    expect(decide(statement("Allow", "*"), statement("Deny", [arn]))).toBe("deny");
  });

  test("takes one statement without a list, actions in any case, and the negated forms", () => {
    expect(evaluate({ Statement: statement("Allow", "*", "EXECUTE-API:*") }, "execute-api:Invoke", arn)).toBe(
      "allow",
    );
    expect(decide({ Effect: "Allow", NotAction: "s3:*", Resource: "*" })).toBe("allow");
    expect(decide({ Effect: "Allow", Action: "*", NotResource: "*/links/*" })).toBe("none");
  });

  test("that is no policy decides nothing", () => {
    for (const document of [undefined, null, "x", {}, { Statement: "Allow" }]) {
      expect(evaluate(document, "execute-api:Invoke", arn)).toBe("none");
    }
  });

  test("whose allow has a condition nobody checks does not allow", () => {
    expect(decide({ ...statement("Allow", "*"), Condition: { IpAddress: {} } })).toBe("none");
    expect(decide({ ...statement("Deny", "*"), Condition: { IpAddress: {} } })).toBe("deny");
  });
});
