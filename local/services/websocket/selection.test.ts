import { describe, expect, it } from "vitest";
import { selectRoute } from "./selection.ts";

const message = (body: string) => ({
  body,
  header: (name: string) => ({ "x-kind": "note" })[name],
  query: (name: string) => ({ room: "7" })[name],
});

describe("a route selection expression", () => {
  it.each([
    ["$request.body.action", '{"action":"say"}', "say"],
    ["$" + "{request.body.action}", '{"action":"say"}', "say"],
    ["$request.body.a.b[1].c", '{"a":{"b":[0,{"c":"deep"}]}}', "deep"],
    ["$" + "{request.body.kind}-$" + "{request.body.version}", '{"kind":"say","version":2}', "say-2"],
    ["$request.header.X-Kind", "{}", "note"],
    ["$request.querystring.room", "{}", "7"],
    ["\\$default", "{}", "$default"],
    ["$request.body.on", '{"on":true}', "true"],
  ])("%s of %s selects %s", (expression, body, key) => {
    expect(selectRoute(expression, message(body))).toBe(key);
  });

  it.each(["hello", "", "null", "[]", "{}", '{"action":{"a":1}}', '{"action":null}', '{"__proto__":1'])(
    "selects nothing of %s",
    (body) => expect(selectRoute("$request.body.action", message(body))).toBeUndefined(),
  );

  it("never finds what only the prototype has", () => {
    expect(selectRoute("$request.body.constructor.name", message("{}"))).toBeUndefined();
  });
});
