import { XMLParser } from "fast-xml-parser";
import { expect, it } from "vitest";
import { entries, listOf, mapOf, queryAnswer, queryFault, readQuery, textOf } from "./query.ts";

const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
const form = (text: string) => readQuery({ body: Buffer.from(text), query: new URLSearchParams(), headers });

it("a form is read into lists, maps and structures, in the order of their numbers", () => {
  const fields = form(
    "Action=Publish&Tags.member.10.Key=last&Tags.member.2.Key=first&Attributes.entry.1.key=A&Attributes.entry.1.value=1%262" +
      "&MessageAttributes.entry.1.Name=kind&MessageAttributes.entry.1.Value.DataType=String&Destination.To.member.1=a%40b",
  );
  expect(textOf(fields, "Action")).toBe("Publish");
  expect(listOf(fields, "Tags").map((tag) => ({ ...(tag as object) }))).toEqual([
    { Key: "first" },
    { Key: "last" },
  ]);
  expect({ ...mapOf(fields, "Attributes") }).toEqual({ A: "1&2" });
  expect(mapOf(mapOf(fields, "MessageAttributes"), "kind").DataType).toBe("String");
  expect(listOf(mapOf(fields, "Destination"), "To")).toEqual(["a@b"]);
});

it("a list that is sent empty, or not at all, is empty", () => {
  const fields = form("TagKeys=&Other=x");
  expect([listOf(fields, "TagKeys"), listOf(fields, "Missing"), mapOf(fields, "Other")]).toEqual([
    [],
    [],
    {},
  ]);
});

it("names of JavaScript's own are fields like any other, and change nothing else", () => {
  const fields = form("__proto__.polluted=1&constructor=2&A.entry.1.key=__proto__&A.entry.1.value=3");
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(textOf(fields, "constructor")).toBe("2");
  expect(Object.keys(mapOf(fields, "A"))).toEqual(["__proto__"]);
});

it("a form of too many names, or nested too deeply, is refused", () => {
  expect(() => form(Array.from({ length: 10_001 }, (_, i) => `a${i}=`).join("&"))).toThrow("parameters");
  expect(() => form(`${"a.".repeat(50)}b=1`)).toThrow("nests too deeply");
});

it("a GET is read from its query", () => {
  const query = new URLSearchParams("Action=ConfirmSubscription&Token=t");
  expect(readQuery({ body: Buffer.alloc(0), query, headers: {} }).Token).toBe("t");
});

const call = { action: "List", namespace: "http://x/", requestId: "r" };

it("an answer says what was given, through an XML parser", () => {
  const { body } = queryAnswer(call, {
    Items: [{ Name: 'a<b>&"c"' }, { Name: "d\r\n\u0001" }],
    Attributes: entries({ One: "1", Two: true }),
    Missing: undefined,
  });
  expect(new XMLParser({ parseTagValue: false }).parse(String(body)).ListResponse.ListResult).toEqual({
    Items: { member: [{ Name: 'a<b>&"c"' }, { Name: expect.stringContaining("d") }] },
    Attributes: {
      entry: [
        { key: "One", value: "1" },
        { key: "Two", value: "true" },
      ],
    },
  });
  expect(String(body)).toContain("d&#xD;\n\ufffd");
  expect(String(queryAnswer(call, undefined).body)).not.toContain("ListResult");
});

it("an error names its code, its words and whose fault it is", () => {
  const { body, status } = queryFault(call, {
    status: 404,
    code: "NotFound",
    message: "Topic does not exist",
  });
  expect(status).toBe(404);
  expect(String(body)).toContain(
    "<Error><Type>Sender</Type><Code>NotFound</Code><Message>Topic does not exist</Message></Error>",
  );
});
