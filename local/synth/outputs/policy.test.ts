import { expect, it } from "vitest";
import { policyDocument } from "./policy.ts";

const parse = (inputs: Parameters<typeof policyDocument>[0]) =>
  JSON.parse(String(policyDocument(inputs).json));

it("writes statements as the provider does: one value bare, several as a list, conditions by test", () => {
  const document = parse({
    statements: [
      {
        sid: "read",
        actions: ["s3:GetObject", "s3:ListBucket"],
        resources: ["arn:aws:s3:::a"],
        principals: [{ type: "Service", identifiers: ["sns.amazonaws.com"] }],
        conditions: [
          { test: "StringEquals", variable: "aws:SourceAccount", values: ["1"] },
          { test: "StringEquals", variable: "s3:prefix", values: ["a", "b"] },
        ],
      },
      {
        effect: "Deny",
        actions: ["s3:*"],
        resources: ["*"],
        principals: [{ type: "*", identifiers: ["*"] }],
      },
    ],
  });
  expect(document).toEqual({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "read",
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: ["s3:GetObject", "s3:ListBucket"],
        Resource: "arn:aws:s3:::a",
        Condition: { StringEquals: { "aws:SourceAccount": "1", "s3:prefix": ["a", "b"] } },
      },
      { Effect: "Deny", Principal: "*", Action: "s3:*", Resource: "*" },
    ],
  });
});

it("lets an overriding document replace the statement of its id, and keeps the rest", () => {
  const other = (sid: string, action: string) =>
    JSON.stringify({ Statement: [{ Sid: sid, Effect: "Allow", Action: action, Resource: "*" }] });
  const document = parse({
    sourcePolicyDocuments: [other("a", "one"), other("b", "two")],
    overridePolicyDocuments: [other("a", "three")],
  });
  expect(document.Statement.map((s: { Action: string }) => s.Action)).toEqual(["two", "three"]);
});

it("has no statements to speak of when it was given none", () => {
  expect(policyDocument({ statements: [] }).statements).toBeUndefined();
});
