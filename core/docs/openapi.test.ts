import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, it } from "vitest";
import { problemKinds } from "#core/kit/problem.ts";
import { toOpenApi } from "./openapi.ts";
import { sections } from "./sections.ts";

const document = toOpenApi(sections, "https://go.example");
const paths = document.paths as Record<string, Record<string, { operationId: string; responses: object }>>;
const operations = Object.values(paths).flatMap((item) => Object.values(item));

describe("the OpenAPI description", () => {
  it("is valid OpenAPI 3.1", async () => {
    const validator = new Validator();
    const result = await validator.validate(structuredClone(document));
    expect(result.errors ?? []).toEqual([]);
    expect(result.valid).toBe(true);
    expect(validator.version).toBe("3.1");
  });

  it("the validator refuses a broken one", async () => {
    const broken = { ...document, paths: { "/x": { get: { responses: "none" } } } };
    expect((await new Validator().validate(broken)).valid).toBe(false);
  });

  it("holds every operation once, under a name of its own", () => {
    const stated = sections.flatMap(({ api }) => Object.values(api));
    expect(operations).toHaveLength(stated.length);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(stated.length);
  });

  it("refers to no component that is missing", () => {
    const components = document.components as Record<string, Record<string, unknown>>;
    const refs = [...JSON.stringify(document).matchAll(/"#\/components\/(\w+)\/(\w+)"/g)];
    expect(refs.length).toBeGreaterThan(20);
    for (const [, kind = "", name = ""] of refs) expect(components[kind]?.[name]).toBeDefined();
  });

  it("names every path parameter of every path", () => {
    for (const [path, item] of Object.entries(paths)) {
      const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const operation of Object.values(item)) {
        const stated = (operation as unknown as { parameters: { in: string; name: string }[] }).parameters;
        expect(stated.filter((each) => each.in === "path").map(({ name }) => name)).toEqual(names);
      }
    }
  });

  it("explains every kind of problem", () => {
    const { Problem } = (
      document.components as { schemas: Record<string, { properties: { type: { enum: string[] } } }> }
    ).schemas;
    expect(Problem?.properties.type.enum).toEqual(
      Object.keys(problemKinds).map((kind) => `/api/v1/problems#${kind}`),
    );
  });
});
