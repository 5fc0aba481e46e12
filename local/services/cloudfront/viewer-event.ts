import { type EdgeRequest, type EdgeResponse, type Header, headerOf } from "../../front/exchange.ts";
import type { EventValue, FunctionRequest, FunctionResponse } from "./edge-function.ts";

/** The viewer's request as the edge works on it. */
export interface ViewerRequest {
  readonly method: string;
  readonly uri: string;
  /** Raw, undecoded. */
  readonly query: string;
  readonly headers: readonly Header[];
}

const put = (into: Record<string, EventValue>, name: string, value: string): void => {
  const existing = Object.hasOwn(into, name) ? into[name] : undefined;
  if (!existing) {
    Object.defineProperty(into, name, {
      value: { value },
      enumerable: true,
      writable: true,
      configurable: true,
    });
    return;
  }
  existing.multiValue ??= [{ value: existing.value }];
  existing.multiValue.push({ value });
};

const cookiesOf = (header: string | undefined): Record<string, EventValue> => {
  const cookies: Record<string, EventValue> = {};
  for (const part of header?.split(";") ?? []) {
    const at = part.indexOf("=");
    const name = (at < 0 ? part : part.slice(0, at)).trim();
    if (name !== "") put(cookies, name, at < 0 ? "" : part.slice(at + 1).trim());
  }
  return cookies;
};

/** Headers as an event holds them: lower case, repeated values together. */
export const toEventHeaders = (headers: readonly Header[]): Record<string, EventValue> => {
  const values: Record<string, EventValue> = {};
  for (const [name, value] of headers) put(values, name.toLowerCase(), value);
  return values;
};

/** The `request` of a CloudFront Functions event: names in lower case, cookies apart, nothing decoded. */
export const toFunctionRequest = (request: ViewerRequest): FunctionRequest => {
  const isCookie = ([name]: Header) => name.toLowerCase() === "cookie";
  const headers = toEventHeaders(request.headers.filter((header) => !isCookie(header)));
  const cookies = request.headers.filter(isCookie).map(([, value]) => value);
  const querystring: Record<string, EventValue> = {};
  for (const part of request.query.split("&")) {
    if (part === "") continue;
    const at = part.indexOf("=");
    put(querystring, at < 0 ? part : part.slice(0, at), at < 0 ? "" : part.slice(at + 1));
  }
  return {
    method: request.method,
    uri: request.uri,
    querystring,
    headers,
    cookies: cookiesOf(cookies.join("; ")),
  };
};

const valuesOf = (value: EventValue): string[] => value.multiValue?.map((v) => v.value) ?? [value.value];

const queryText = (querystring: Record<string, EventValue> | undefined, before: string): string => {
  // `?flag` and `?flag=` look alike in an event: keep the spelling that came.
  const bare = new Set(before.split("&").filter((part) => part !== "" && !part.includes("=")));
  return Object.entries(querystring ?? {})
    .flatMap(([name, entry]) =>
      valuesOf(entry).map((value) => (value === "" && bare.has(name) ? name : `${name}=${value}`)),
    )
    .join("&");
};

/** The request a function returned, with unchanged headers spelt as the viewer spelt them. */
export const fromFunctionRequest = (changed: FunctionRequest, before: ViewerRequest): ViewerRequest => {
  const spelling = new Map(before.headers.map(([name]) => [name.toLowerCase(), name]));
  const headers: Header[] = [];
  for (const [name, entry] of Object.entries(changed.headers ?? {})) {
    for (const value of valuesOf(entry)) headers.push([spelling.get(name) ?? name, String(value)]);
  }
  const cookies = Object.entries(changed.cookies ?? {}).flatMap(([name, entry]) =>
    valuesOf(entry).map((value) => (value === "" ? name : `${name}=${value}`)),
  );
  if (cookies.length > 0) headers.push([spelling.get("cookie") ?? "Cookie", cookies.join("; ")]);
  return {
    method: before.method,
    uri: changed.uri,
    query: queryText(changed.querystring, before.query),
    headers,
  };
};

/** The answer a viewer-request function gave in the origin's place. */
export const fromFunctionResponse = (answer: FunctionResponse): EdgeResponse => {
  const headers: Header[] = [];
  for (const [name, entry] of Object.entries(answer.headers ?? {})) {
    for (const value of valuesOf(entry)) headers.push([name, String(value)]);
  }
  for (const [name, cookie] of Object.entries(answer.cookies ?? {})) {
    headers.push([
      "set-cookie",
      `${name}=${cookie.value}${cookie.attributes ? `; ${cookie.attributes}` : ""}`,
    ]);
  }
  const { body } = answer;
  const data = typeof body === "string" ? body : (body?.data ?? "");
  const encoded = typeof body === "object" && body?.encoding === "base64";
  return { status: answer.statusCode, headers, body: encoded ? Buffer.from(data, "base64") : data };
};

/** What CloudFront knows about the viewer, as the headers it can add. */
export const viewerHeaders = (request: EdgeRequest, country: string): ReadonlyMap<string, Header> => {
  const agent = headerOf(request.headers, "user-agent") ?? "";
  const tablet = /iPad|Tablet/i.test(agent);
  const tv = /SmartTV|SMART-TV|AppleTV|GoogleTV/i.test(agent);
  const mobile = !tablet && /Mobi|iPhone|Android/i.test(agent);
  const known: Header[] = [
    ["CloudFront-Forwarded-Proto", "http"], // the front door has no certificate: this is the viewer's real scheme
    ["CloudFront-Is-Android-Viewer", String(/Android/i.test(agent))],
    ["CloudFront-Is-Desktop-Viewer", String(!mobile && !tablet && !tv)],
    ["CloudFront-Is-IOS-Viewer", String(/iPhone|iPad|iPod/i.test(agent))],
    ["CloudFront-Is-Mobile-Viewer", String(mobile)],
    ["CloudFront-Is-SmartTV-Viewer", String(tv)],
    ["CloudFront-Is-Tablet-Viewer", String(tablet)],
    ["CloudFront-Viewer-Address", `${request.sourceIp}:0`],
    ["CloudFront-Viewer-ASN", "64496"],
    ["CloudFront-Viewer-Country", country],
    ["CloudFront-Viewer-Http-Version", "1.1"],
  ];
  return new Map(known.map((header) => [header[0].toLowerCase(), header]));
};
