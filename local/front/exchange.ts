import type { Readable } from "node:stream";

/** One header line: the name as sent, then its value. */
export type Header = readonly [name: string, value: string];

/** A request inside the local edge: parsed once at the front door, never serialised again on its way to a function. */
export interface EdgeRequest {
  readonly method: string;
  /** As it stood on the request line, without the query; percent-encoding untouched. */
  readonly path: string;
  /** Without the question mark. */
  readonly query: string;
  /** The Host header, lower case, without the port. */
  readonly host: string;
  readonly headers: readonly Header[];
  readonly body: Buffer;
  /** Set when the body passed the limit and was not kept. */
  readonly oversized?: true;
  readonly sourceIp: string;
  /** `Root=…;Parent=…;Sampled=1`, whose parent is the front door's span. */
  readonly trace: string;
}

/** What goes back to the client. */
export interface EdgeResponse {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body?: Buffer | string | Readable;
  /** ARN of the distribution or API that answered, for the span. */
  readonly node?: string;
  readonly detail?: Readonly<Record<string, unknown>>;
}

/** Anything that answers a request at the edge. */
export type EdgeHandler = (request: EdgeRequest) => Promise<EdgeResponse>;

/** The last value of a header, whatever its case. */
export const headerOf = (headers: readonly Header[], name: string): string | undefined => {
  for (let i = headers.length - 1; i >= 0; i--) {
    const header = headers[i];
    if (header && header[0].length === name.length && header[0].toLowerCase() === name) return header[1];
  }
  return undefined;
};

/** Headers without those named (lower case). */
export const withoutHeaders = (headers: readonly Header[], names: ReadonlySet<string>): Header[] =>
  headers.filter(([name]) => !names.has(name.toLowerCase()));

/** Percent-decoding that leaves a malformed sequence as it is. */
export const decode = (text: string): string => {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

/** Splits a query string into decoded pairs; `+` is a space, a name without `=` has an empty value. */
export const parseQuery = (query: string): [string, string][] => {
  if (query === "") return [];
  const pairs: [string, string][] = [];
  for (const part of query.split("&")) {
    if (part === "") continue;
    const text = part.includes("+") ? part.replaceAll("+", " ") : part;
    const at = text.indexOf("=");
    pairs.push(at < 0 ? [decode(text), ""] : [decode(text.slice(0, at)), decode(text.slice(at + 1))]);
  }
  return pairs;
};
