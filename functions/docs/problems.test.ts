import type { APIGatewayProxyEvent, Context } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { handler } from "./problems.ts";

const ask = (accept: string) =>
  handler(
    {
      httpMethod: "GET",
      path: "/api/v1/problems",
      headers: { accept },
      requestContext: { requestId: "r", identity: { sourceIp: "203.0.113.9" } },
    } as unknown as APIGatewayProxyEvent,
    { awsRequestId: "1" } as Context,
  );

describe("the list of problems", () => {
  it("is a page to people and data to programs, and kept by neither for the other", async () => {
    const page = await ask("text/html,*/*");
    const data = await ask("application/json");
    expect(page.headers?.["content-type"]).toContain("text/html");
    expect(data.headers?.["content-type"]).toContain("application/json");
    // The edge's cache key does not hold Accept: what it may keep, it would give to both.
    for (const { headers } of [page, data]) expect(headers?.["cache-control"]).toMatch(/^private/);
  });
});
