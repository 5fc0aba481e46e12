const VARIABLE = /\\\$|\$\{request\.([\w.[\]-]+)\}|\$request\.([\w.[\]-]+)/g;

/** Walks `a.b[0].c` through parsed JSON; undefined where the way ends. */
const walk = (root: unknown, path: string): unknown =>
  path
    .replaceAll(/\[(\d+)\]/g, ".$1")
    .split(".")
    .filter((part) => part !== "")
    .reduce<unknown>(
      (value, part) =>
        typeof value === "object" && value !== null && Object.hasOwn(value, part)
          ? (value as Record<string, unknown>)[part]
          : undefined,
      root,
    );

/** What a message is told by: its body, and the headers and query its connection was opened with. */
export interface Selectable {
  readonly body: string;
  readonly header: (name: string) => string | undefined;
  readonly query: (name: string) => string | undefined;
}

const parse = (body: string): unknown => {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
};

/**
 * Evaluates a route selection expression, as `$request.body.action` or `${request.body.kind}-${request.body.version}`.
 * Undefined where a part of it is not there, or is no plain value: the message goes to `$default`.
 */
export const selectRoute = (expression: string, message: Selectable): string | undefined => {
  let [missing, body] = [false, undefined as unknown];
  let parsed = false;
  const lookUp = (path: string): unknown => {
    const [, place = "", rest = ""] = /^([a-z]+)\.?(.*)$/.exec(path) ?? [];
    if (place === "header") return message.header(rest.toLowerCase());
    if (place === "querystring") return message.query(rest);
    if (place !== "body") return undefined;
    if (!parsed) body = parse(message.body);
    parsed = true;
    return rest === "" ? message.body : walk(body, rest);
  };
  const key = expression.replace(VARIABLE, (found, braced?: string, bare?: string) => {
    if (found === "\\$") return "$";
    const value = lookUp(braced ?? bare ?? "");
    if (typeof value === "string") return value;
    if (typeof value === "number" || typeof value === "boolean") return String(value);
    missing = true;
    return "";
  });
  return missing ? undefined : key;
};
