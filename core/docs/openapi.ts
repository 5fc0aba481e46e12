import { toJsonSchema } from "@valibot/to-json-schema";
import type * as v from "valibot";
import type { Api, Operation, ReplyBody } from "#core/kit/api.schema.ts";
import { type ProblemKind, problemKinds } from "#core/kit/problem.ts";
import { guardText, headersOf, limitHeaders, quotaMembers, securitySchemes } from "./guarded.ts";

type Json = Record<string, unknown>;

/** A part of the API and the heading it stands under. */
export interface Section {
  readonly name: string;
  readonly description: string;
  readonly api: Api;
  /** Schemas that get a name of their own; all others are written where they are used. */
  readonly schemas: Readonly<Record<string, v.GenericSchema>>;
  /** Bodies to show, by operation. */
  readonly examples?: Readonly<Record<string, { readonly request?: unknown; readonly reply?: unknown }>>;
}

// Every operation may answer these: they come from the door and from API Gateway, not from a use case.
const EVERYWHERE: readonly ProblemKind[] = ["invalid-request", "quota-exceeded", "internal", "unavailable"];
const WITH_BODY: readonly ProblemKind[] = ["malformed-json", "payload-too-large", "unsupported-media-type"];

/** OpenAPI 3.1 description of all sections. Made from what the handlers validate by, so it cannot say anything else. */
export const toOpenApi = (sections: readonly Section[], server: string): Json => {
  const names = new Map(sections.flatMap(({ schemas }) => Object.entries(schemas).map(([k, s]) => [s, k])));
  const paths: Record<string, Json> = {};
  for (const section of sections) {
    for (const [id, operation] of Object.entries(section.api)) {
      paths[operation.path] = {
        ...paths[operation.path],
        [operation.method.toLowerCase()]: toOperation(id, operation, section, names),
      };
    }
  }
  return {
    openapi: "3.1.0",
    jsonSchemaDialect: "https://json-schema.org/draft/2020-12/schema",
    info: {
      title: "tenfold",
      version: "1.0.0",
      summary: "Ten system designs that run.",
      description: "Failures are RFC 9457 problem documents; each `type` is explained at /api/v1/problems.",
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: server }],
    tags: sections.map(({ name, description }) => ({ name, description })),
    paths,
    components: {
      schemas: { ...namedSchemas(sections), Problem: problemSchema },
      headers: limitHeaders,
      securitySchemes,
    },
  };
};

type Names = ReadonlyMap<v.GenericSchema, string>;

const toOperation = (id: string, operation: Operation, section: Section, names: Names): Json => {
  const example = section.examples?.[id];
  return {
    operationId: `${section.name}.${id}`,
    tags: [section.name],
    summary: operation.summary,
    description: guardText(operation),
    ...(operation.auth === "required" && {
      security: [{ user: [], ...(operation.apiKey && { apiKey: [] }) }],
    }),
    ...(operation.auth === "optional" && { security: [{}, { user: [] }] }),
    parameters: [...toParameters(operation.params, "path"), ...toParameters(operation.query, "query")],
    ...(operation.body && {
      requestBody: { required: true, content: toBody(operation, operation.body, names, example?.request) },
    }),
    responses: { ...toReplies(operation, names, example?.reply), ...toProblems(operation) },
  };
};

const toBody = (operation: Operation, body: v.GenericSchema, names: Names, example: unknown): Json => {
  const type = operation.accepts === "form" ? "application/x-www-form-urlencoded" : "application/json";
  return { [type]: { schema: toSchema(body, names, "input"), ...(example !== undefined && { example }) } };
};

const toParameters = (schema: v.GenericSchema | undefined, place: "path" | "query"): Json[] => {
  if (!schema) return [];
  const { properties = {}, required = [] } = plain(schema, "input");
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: property,
  }));
};

const toReplies = (operation: Operation, names: Names, example: unknown): Json =>
  Object.fromEntries(
    Object.entries(operation.replies).map(([status, body]) => [
      status,
      {
        description: describe(Number(status)),
        headers: headersOf(Number(status)),
        ...toContent(body, names, example),
      },
    ]),
  );

const toContent = (body: ReplyBody, names: Names, example: unknown): Json => {
  if (body === null) return {};
  if (typeof body === "string") return { content: { [body]: {} } };
  const schema = toSchema(body, names, "output");
  return { content: { "application/json": { schema, ...(example !== undefined && { example }) } } };
};

const describe = (status: number): string => {
  if (status === 201) return "Made";
  if (status === 204) return "Done";
  return status >= 300 ? "Go to the address in Location" : "Answered";
};

const toProblems = (operation: Operation): Json => {
  const kinds = new Set<ProblemKind>([
    ...EVERYWHERE,
    ...(operation.body ? WITH_BODY : []),
    ...(operation.auth === "none" ? [] : (["unauthenticated"] as const)),
    ...(operation.apiKey ? (["api-key-required"] as const) : []),
    ...(operation.problems ?? []),
  ]);
  const byStatus = Map.groupBy(kinds, (kind) => problemKinds[kind].status);
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      String(status),
      {
        description: same.map((kind) => `\`${kind}\`: ${problemKinds[kind].title}`).join("; "),
        headers: headersOf(status),
        content: { "application/problem+json": { schema: { $ref: "#/components/schemas/Problem" } } },
      },
    ]),
  );
};

const namedSchemas = (sections: readonly Section[]): Json =>
  Object.fromEntries(
    sections.flatMap(({ schemas }) =>
      Object.entries(schemas).map(([name, schema]) => [name, plain(schema, "output")]),
    ),
  );

const toSchema = (schema: v.GenericSchema, names: Names, mode: "input" | "output"): Json => {
  const name = names.get(schema);
  return name === undefined ? plain(schema, mode) : { $ref: `#/components/schemas/${name}` };
};

// Checks that JSON Schema has no words for (trim, Unicode normal form, cross-field rules) are left out of the description.
const plain = (schema: v.GenericSchema, mode: "input" | "output") => {
  const { $schema: _, ...json } = toJsonSchema(schema, {
    typeMode: mode,
    errorMode: "ignore",
    target: "draft-2020-12",
  });
  return json as Json & { properties?: Json; required?: string[] };
};

const problemSchema = {
  type: "object",
  description: "RFC 9457 problem details",
  required: ["type", "title", "status"],
  properties: {
    type: {
      type: "string",
      format: "uri-reference",
      enum: Object.keys(problemKinds).map((kind) => `/api/v1/problems#${kind}`),
    },
    title: { type: "string" },
    status: { type: "integer" },
    detail: { type: "string" },
    ...quotaMembers,
    issues: {
      type: "array",
      items: {
        type: "object",
        required: ["in", "pointer", "message"],
        properties: {
          in: { enum: ["body", "query", "path", "header"] },
          pointer: { type: "string", description: "RFC 6901 JSON pointer" },
          message: { type: "string" },
        },
      },
    },
  },
  examples: [
    {
      type: "/api/v1/problems#slug-taken",
      title: "This short code is taken",
      status: 409,
      detail: "“sale” is taken",
    },
  ],
};
