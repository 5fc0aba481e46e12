import { Validator } from "@seriousme/openapi-schema-validator";
import { parseList } from "structured-headers";
import { describe, expect, it } from "vitest";
import type { Operation } from "#core/kit/api.schema.ts";
import { problemKinds } from "#core/kit/problem.ts";
import { guards, policies } from "#core/limits/policies.schema.ts";
import { toOpenApi } from "./openapi.ts";
import { sections } from "./sections.ts";

const document = toOpenApi(sections, "https://go.example");
const paths = document.paths as Record<string, Record<string, { operationId: string; responses: object }>>;
const operations = Object.values(paths).flatMap((item) => Object.values(item));

const HEADERS = ["RateLimit-Policy", "RateLimit", "Retry-After"];

interface Described {
  readonly operationId: string;
  readonly description: string;
  readonly security?: readonly Readonly<Record<string, unknown>>[];
  readonly responses: Readonly<Record<string, { readonly description: string; readonly headers?: object }>>;
}

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

  it("tells of every operation which rules count it, and how it answers when they refuse", () => {
    const stated = new Map<string, Operation>(
      sections.flatMap(({ name, api }) =>
        Object.entries(api).map(([id, operation]) => [`${name}.${id}`, operation] as const),
      ),
    );
    for (const operation of operations as Described[]) {
      const { limit = "read", limits = [], apiKey } = stated.get(operation.operationId) ?? {};
      const rules = [...guards[limit], ...limits.map(({ rule }) => rule)];
      expect(rules.length).toBeGreaterThan(0);
      for (const rule of rules) expect(operation.description).toContain(`\`${rule}\``);
      expect(Object.keys(operation.responses["429"]?.headers ?? {})).toEqual(HEADERS);
      expect(operation.responses["429"]?.description).toContain("quota-exceeded");
      for (const { headers } of Object.values(operation.responses))
        expect(Object.keys(headers ?? {})).toEqual(expect.arrayContaining(["RateLimit-Policy", "RateLimit"]));
      expect(operation.security?.some((scheme) => "apiKey" in scheme) ?? false).toBe(apiKey === true);
    }
  });

  it("names rules that there are", () => {
    const rules = sections.flatMap(({ api }) => Object.values(api)).flatMap(({ limits = [] }) => limits);
    expect(rules.length).toBeGreaterThan(3);
    expect(rules.filter(({ rule }) => !policies.has(rule))).toEqual([]);
  });

  it("has headers that parse, and a scheme for the key of the usage plan", () => {
    const { headers, securitySchemes } = document.components as unknown as {
      headers: Record<string, { example?: string }>;
      securitySchemes: Record<string, object>;
    };
    expect(Object.keys(headers)).toEqual(HEADERS);
    const [[policy] = [], [left] = []] = ["RateLimit-Policy", "RateLimit"].map((name) =>
      parseList(headers[name]?.example ?? ""),
    );
    expect(policy?.[0]).toBe(left?.[0]);
    expect(policy?.[1]).toEqual(
      new Map([
        ["q", 6_000],
        ["w", 60],
        ["tenfold-burst", 3_000],
      ]),
    );
    expect(securitySchemes.apiKey).toMatchObject({ type: "apiKey", in: "header", name: "x-api-key" });
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
