import type { AwsResponse } from "./cloud.ts";

// The "query" protocol of SNS, SES v1 and STS: forms of dotted names in, XML out.
// Source: https://smithy.io/2.0/aws/protocols/aws-query-protocol.html

/** What a form says, nested: `A.member.1=x` is `{ A: ["x"] }`, `A.entry.1.key=k&A.entry.1.value=v` is `{ A: { k: "v" } }`. */
export type QueryValue = string | readonly QueryValue[] | QueryFields;
export interface QueryFields {
  readonly [name: string]: QueryValue | undefined;
}

/** Names of a form, and how deep one may nest. No operation needs a tenth of it. */
const MOST_NAMES = 10_000;
const DEEPEST = 12;

/** A form that is refused as it stands. */
export class MalformedQuery extends Error {
  override readonly name = "MalformedQuery";
}

type Node = Map<string, Node> & { text?: string };

/** Whether a body is a form, by its type: where it is none, no protocol looks into it for an action. */
export const isForm = (headers: Readonly<Record<string, string>>): boolean =>
  (headers["content-type"] ?? "").toLowerCase().startsWith("application/x-www-form-urlencoded");

/**
 * Reads the form of a request: its body, or for a GET its query. `Action` and `Version` stand among the rest. Of a name that is
 * given twice the first counts, and a call that names its operation by a header is no form: as the gateway reads them.
 */
export const readQuery = (request: {
  readonly body: Buffer;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string>>;
}): QueryFields => {
  if (request.headers["x-amz-target"]) throw new MalformedQuery("A form takes no X-Amz-Target.");
  if (request.headers["smithy-protocol"]) throw new MalformedQuery("A form takes no Smithy-Protocol.");
  const form = new URLSearchParams(isForm(request.headers) ? request.body.toString("utf8") : "");
  for (const [name, value] of request.query) if (!form.has(name)) form.append(name, value);
  if (form.size > MOST_NAMES) throw new MalformedQuery(`More than ${MOST_NAMES} parameters.`);
  const root: Node = new Map();
  for (const [name, value] of form) {
    const parts = name.split(".");
    if (parts.length > DEEPEST)
      throw new MalformedQuery(`The parameter ${name.slice(0, 80)} nests too deeply.`);
    let node = root;
    for (const part of parts) {
      const child: Node = node.get(part) ?? new Map();
      node.set(part, child);
      node = child;
    }
    node.text ??= value;
  }
  return fieldsOf(root);
};

// Without a prototype: a form may name its fields `__proto__` or `constructor`.
const fieldsOf = (node: Node): QueryFields =>
  Object.assign(
    Object.create(null),
    Object.fromEntries([...node].map(([name, child]) => [name, nested(child)])),
  );

const nested = (node: Node): QueryValue => {
  if (node.size === 0) return node.text ?? "";
  const members = node.size === 1 ? node.get("member") : undefined;
  if (members) return inOrder(members).map(nested);
  const entries = node.size === 1 ? node.get("entry") : undefined;
  if (!entries) return fieldsOf(node);
  const pairs = inOrder(entries).map((entry): [string, QueryValue] => {
    const [key, value] = [entry.get("key") ?? entry.get("Name"), entry.get("value") ?? entry.get("Value")];
    return [key?.text ?? "", value ? nested(value) : ""];
  });
  return Object.assign(Object.create(null), Object.fromEntries(pairs));
};

const inOrder = (list: Node): Node[] =>
  [...list]
    .filter(([index]) => /^\d{1,9}$/.test(index))
    .sort(([a], [b]) => Number(a) - Number(b))
    .map(([, node]) => node);

/** A text field; undefined when it is missing. An empty one is there, and empty. */
export const textOf = (fields: QueryFields, name: string): string | undefined => {
  const value = fields[name];
  return typeof value === "string" ? value : undefined;
};

/** A list field; empty when missing, for an empty list is sent as an empty text. */
export const listOf = (fields: QueryFields, name: string): readonly QueryValue[] => {
  const value = fields[name];
  return Array.isArray(value) ? value : [];
};

/** A flattened list field, `Name.1`, `Name.2`, …; empty when missing. */
export const flatListOf = (fields: QueryFields, name: string): readonly QueryValue[] =>
  Object.entries(mapOf(fields, name))
    .filter(([index]) => /^\d{1,9}$/.test(index))
    .sort(([a], [b]) => Number(a) - Number(b))
    .flatMap(([, value]) => value ?? []);

/** A structure or map field; empty when missing. */
export const mapOf = (fields: QueryFields, name: string): QueryFields => {
  const value = fields[name];
  return typeof value === "object" && !Array.isArray(value) ? (value as QueryFields) : {};
};

/** What an answer holds: lists become `<member>` elements, `undefined` nothing, and `entries` AWS's maps. */
export type QueryResult =
  | string
  | number
  | boolean
  | undefined
  | readonly QueryResult[]
  | { readonly [name: string]: QueryResult };

/** A map as the protocol writes one: `<entry><key>…</key><value>…</value></entry>`. */
export const entries = (map: Readonly<Record<string, QueryResult>>): QueryResult => ({
  entry: flattened(Object.entries(map).map(([key, value]) => ({ key, value }))),
});

/** A flattened list: each item is an element of the field's own name. */
export const flattened = (items: readonly QueryResult[]): QueryResult =>
  new Repeated(items) as unknown as QueryResult;

class Repeated {
  readonly items: readonly QueryResult[];

  constructor(items: readonly QueryResult[]) {
    this.items = items;
  }
}

const ENTITIES: Record<string, string> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
  "\r": "&#xD;",
};

// Characters that XML 1.0 has no way to write.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const UNWRITABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/gu;

/** Text as the content of an XML element. */
export const xmlText = (text: string): string =>
  text.replace(UNWRITABLE, "\ufffd").replace(/[<>&"\r]/g, (char) => ENTITIES[char] ?? char);

const element = (name: string, value: QueryResult | Repeated): string => {
  if (value === undefined) return "";
  if (value instanceof Repeated) return value.items.map((item) => element(name, item)).join("");
  return `<${name}>${content(value)}</${name}>`;
};

const content = (value: Exclude<QueryResult, undefined>): string => {
  if (typeof value !== "object") return xmlText(String(value));
  if (Array.isArray(value)) return value.map((item) => element("member", item)).join("");
  return Object.entries(value)
    .map(([name, item]) => element(name, item))
    .join("");
};

const XML = { "content-type": "text/xml" };

/** The answer to `action`: `result` is undefined for operations that return nothing. */
export const queryAnswer = (
  call: { readonly action: string; readonly namespace: string; readonly requestId: string },
  result: { readonly [name: string]: QueryResult } | undefined,
): AwsResponse => ({
  status: 200,
  headers: XML,
  body:
    `<${call.action}Response xmlns="${call.namespace}">` +
    element(`${call.action}Result`, result) +
    `<ResponseMetadata><RequestId>${call.requestId}</RequestId></ResponseMetadata></${call.action}Response>`,
});

/** An error as the protocol writes it. */
export const queryFault = (
  call: { readonly namespace: string; readonly requestId: string },
  fault: { readonly status: number; readonly code: string; readonly message: string },
): AwsResponse => ({
  status: fault.status,
  headers: XML,
  body:
    `<ErrorResponse xmlns="${call.namespace}"><Error><Type>${fault.status < 500 ? "Sender" : "Receiver"}</Type>` +
    `<Code>${xmlText(fault.code)}</Code><Message>${xmlText(fault.message)}</Message></Error>` +
    `<RequestId>${call.requestId}</RequestId></ErrorResponse>`,
});
