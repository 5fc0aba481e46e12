import { expect, it } from "vitest";
import { exampleOf, describe as inWords } from "./example.ts";
import { readReference } from "./openapi.ts";
import { toCurl } from "./request.ts";

const document = {
  openapi: "3.1.0",
  info: { title: "t", version: "1" },
  paths: {
    "/api/v1/links/{hash}": {
      parameters: [{ $ref: "#/components/parameters/hash" }],
      patch: {
        summary: "Edit.",
        parameters: [{ name: "domain", in: "query", schema: { type: "string" } }],
        requestBody: {
          required: true,
          content: { "application/json": { schema: { $ref: "#/components/schemas/Patch" } } },
        },
        responses: { 200: { description: "Edited" } },
        security: [{ bearer: [] }],
      },
    },
  },
  components: {
    parameters: { hash: { name: "hash", in: "path", required: true, schema: { type: "string" } } },
    schemas: {
      Patch: {
        type: "object",
        required: ["url"],
        properties: { url: { type: "string" }, note: { type: "string" } },
      },
    },
  },
};

const read = () => {
  const reference = readReference(document);
  const operation = reference?.operations[0];
  if (!reference || !operation) throw new Error("The document is not read");
  return { ...reference, operation };
};

it("operations are read with shared parameters and references followed", () => {
  const { operation } = read();
  expect(operation).toMatchObject({ method: "PATCH", group: "links", auth: "required" });
  expect(operation.parameters.map(({ name }) => name)).toEqual(["hash", "domain"]);
});

it("an example has what is required and nothing else", () => {
  const { operation, resolve } = read();
  expect(exampleOf(operation.body?.schema, resolve)).toEqual({ url: "https://example.com/a/page" });
});

it("a request is written for a shell with quotes that hold, and without the token", () => {
  const { operation } = read();
  const curl = toCurl(operation, { values: { hash: "it's" }, body: `{"url":"x'y"}` }, "https://s.example");
  expect(curl).toContain(`'https://s.example/api/v1/links/it'\\''s'`);
  expect(curl).toContain(`--data-raw '{"url":"x'\\''y"}'`);
  expect(curl).toContain("$TOKEN");
  expect(toCurl(operation, { values: {}, body: "" }, "https://s.example", "abc")).toContain("Bearer abc'");
});

it("a schema is told in words", () => {
  const { resolve } = read();
  expect(inWords({ type: "array", items: { enum: ["a", "b"] }, maxItems: 3 }, resolve)).toEqual({
    type: '("a" | "b")[]',
    bounds: "3 items at most",
  });
  expect(inWords({ anyOf: [{ type: "string" }, { type: "null" }] }, resolve).type).toBe("string or null");
});

it("what is no OpenAPI document is not read", () => {
  expect(readReference({ message: "no" })).toBeUndefined();
});
