import { ProvisionedThroughputExceededException, ResourceNotFoundException } from "@aws-sdk/client-dynamodb";
import { describe, expect, it } from "vitest";
import { Problem } from "#core/kit/problem.ts";
import { toProblem } from "./unhandled.ts";

const answered = (httpStatusCode: number) => ({ $metadata: { httpStatusCode }, message: "as AWS words it" });
const named = (name: string) => Object.assign(new Error("as the client words it"), { name });

describe("an error that nobody handled", () => {
  it.each([
    ["a table that throttles", new ProvisionedThroughputExceededException(answered(400))],
    ["a connection that is silent", named("TimeoutError")],
    ["a service that fails", Object.assign(named("InternalServerError"), answered(500))],
  ])("asks to try again where it is %s", (_name, error) => {
    const problem = toProblem(error);
    expect([problem.kind, problem.extra.headers]).toEqual(["unavailable", { "retry-after": "1" }]);
    expect(problem.message).not.toContain("words it");
  });

  it.each([
    ["a bug", new TypeError("x is not a function")],
    ["a table that is not there", new ResourceNotFoundException(answered(400))],
    ["no error at all", "thrown text"],
  ])("tells nothing of %s", (_name, error) => {
    const problem = toProblem(error);
    expect(problem.kind).toBe("internal");
    expect(problem.message).not.toMatch(/words|function|text/);
  });

  it("is told as it is where it is a problem", () => {
    const problem = new Problem("not-found", "There is no such link");
    expect(toProblem(problem)).toBe(problem);
  });
});
