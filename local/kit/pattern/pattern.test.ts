import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePattern } from "./pattern.ts";

// The sample event of event-ruler's README.
const event = {
  version: "0",
  "detail-type": "EC2 Instance State-change Notification",
  source: "aws.ec2",
  time: "2017-10-02T16:24:49Z",
  resources: ["arn:aws:ec2:us-east-1:123456789012:instance/i-000000aaaaaa00000", "second"],
  detail: {
    "c-count": 5,
    "d-count": 3,
    "x-limit": 301.8,
    "source-ip": "10.0.0.33",
    ipv6: "2001:db8:0:0:0:0:0:1",
    state: "running",
    nothing: null,
    empty: "",
    flag: true,
    path: "dir/sub/picture.PNG",
    stars: "a*b\\c",
    list: ["red", "green"],
    none: [],
  },
};

const hit = (pattern: unknown) => compilePattern(pattern)(event);
const detail = (field: string, ...tests: unknown[]) => hit({ detail: { [field]: tests } });

describe("an event pattern", () => {
  test.each<[string, boolean, ...unknown[]]>([
    ["state", true, "initializing", "running"],
    ["state", false, "Running"],
    ["c-count", true, 5],
    ["c-count", true, 5.0],
    ["c-count", false, "5"],
    ["flag", true, true],
    ["flag", false, "true"],
    ["nothing", true, null],
    ["empty", false, null],
    ["empty", true, ""],
    ["nothing", false, ""],
    ["missing", false, null],
    ["list", true, "green", "blue"],
    ["list", false, "blue"],
    ["ipv6", true, "2001:db8::1"],
    ["state", true, { prefix: "run" }],
    ["state", true, { prefix: "" }],
    ["c-count", false, { prefix: "" }],
    ["state", true, { prefix: { "equals-ignore-case": "RUN" } }],
    ["state", false, { prefix: "RUN" }],
    ["path", true, { suffix: ".PNG" }],
    ["path", true, { suffix: { "equals-ignore-case": ".png" } }],
    ["path", false, { suffix: ".png" }],
    ["state", true, { "equals-ignore-case": "RUNNING" }],
    ["path", true, { wildcard: "dir/*.PNG" }],
    ["path", true, { wildcard: "*sub*" }],
    ["path", false, { wildcard: "dir/*.png" }],
    ["stars", true, { wildcard: "a\\*b\\\\c" }],
    ["stars", false, { wildcard: "a\\*c" }],
    ["state", true, { "anything-but": "initializing" }],
    ["state", false, { "anything-but": "running" }],
    ["state", false, { "anything-but": ["stopped", "running"] }],
    ["x-limit", true, { "anything-but": [100, 200, 300] }],
    ["c-count", false, { "anything-but": [5] }],
    ["c-count", true, { "anything-but": "5" }],
    ["missing", false, { "anything-but": "x" }],
    ["list", true, { "anything-but": "red" }],
    ["state", false, { "anything-but": { prefix: "run" } }],
    ["state", true, { "anything-but": { prefix: ["init", "stop"] } }],
    ["path", false, { "anything-but": { suffix: [".jpg", ".PNG"] } }],
    ["state", false, { "anything-but": { "equals-ignore-case": ["RUNNING"] } }],
    ["path", false, { "anything-but": { wildcard: "*/sub/*" } }],
    ["path", true, { "anything-but": { wildcard: ["*/lib/*", "x*"] } }],
    ["c-count", true, { numeric: [">", 0, "<=", 5] }],
    ["c-count", false, { numeric: [">", 0, "<", 5] }],
    ["d-count", true, { numeric: ["<", 10] }],
    ["x-limit", true, { numeric: ["=", 3.018e2] }],
    ["state", false, { numeric: [">", 0] }],
    ["source-ip", true, { cidr: "10.0.0.0/24" }],
    ["source-ip", false, { cidr: "10.0.1.0/24" }],
    ["source-ip", false, { cidr: "::/0" }],
    ["ipv6", true, { cidr: "2001:db8::/32" }],
    ["state", false, { cidr: "10.0.0.0/8" }],
    ["state", true, { exists: true }],
    ["nothing", true, { exists: true }],
    ["missing", true, { exists: false }],
    ["missing", true, "x", { exists: false }],
    ["none", true, { exists: false }],
    ["state", false, { exists: false }],
    ["state", true, { exactly: "running" }],
  ])("says of detail.%s: %s for %j", (field, expected, ...tests) => {
    expect(detail(field, ...tests)).toBe(expected);
  });

  test("needs every named field", () => {
    expect(hit({ source: ["aws.ec2"], detail: { state: ["running"] } })).toBe(true);
    expect(hit({ source: ["aws.ec2"], detail: { state: ["stopped"] } })).toBe(false);
  });

  test("sees an intermediate object as no leaf at all", () => {
    expect(hit({ detail: [{ exists: false }] })).toBe(true);
    expect(hit({ detail: [{ exists: true }] })).toBe(false);
  });

  test("joins the branches of parallel and nested $or", () => {
    const or = (state: string, count: number) =>
      hit({
        source: ["aws.ec2"],
        $or: [
          { detail: { state: [state] } },
          { time: [{ prefix: "2017" }], $or: [{ detail: { "c-count": [count] } }, { version: ["9"] }] },
        ],
        detail: { $or: [{ flag: [true] }, { flag: [false] }] },
      });
    expect(or("running", 0)).toBe(true);
    expect(or("stopped", 5)).toBe(true);
    expect(or("stopped", 0)).toBe(false);
  });

  test("keeps $or as an ordinary field where it is no list of patterns", () => {
    expect(compilePattern({ $or: { a: ["x"] } })({ $or: { a: "x" } })).toBe(true);
    expect(compilePattern({ $or: [{ prefix: "x" }, { suffix: "y" }] })({ $or: "wy" })).toBe(true);
  });

  test("takes the fields of one match from one element of an array", () => {
    const pattern = compilePattern({ employees: { firstName: ["Anna"], lastName: ["Smith"] } });
    const name = (firstName: string, lastName: string) => ({ firstName, lastName });
    expect(pattern({ employees: [name("Anna", "Smith")] })).toBe(true);
    expect(pattern({ employees: [name("Anna", "Jones"), name("Peter", "Smith")] })).toBe(false);
    expect(pattern({ employees: [name("Peter", "Jones"), name("Anna", "Smith")] })).toBe(true);
  });

  test.each<[unknown, string]>([
    [[], "Filter is not an object"],
    [{}, "Empty objects are not allowed"],
    [{ source: "aws.ec2" }, '"source" must be an object or an array'],
    [{ source: [] }, "Empty arrays are not allowed"],
    [{ a: [["x"]] }, "Match value must be String, number, true, false, or null"],
    [{ a: [{ starts: "x" }] }, "Unrecognized match type starts"],
    [{ a: [{ prefix: "x", suffix: "y" }] }, "Only one key allowed in match expression"],
    [{ a: [{ prefix: 5 }] }, "prefix match pattern must be a string"],
    [{ a: [{ "equals-ignore-case": ["x"] }] }, "equals-ignore-case match pattern must be a string"],
    [{ a: [{ exists: "yes" }] }, "exists match pattern must be either true or false."],
    [{ a: [{ numeric: 5 }] }, "Value of numeric must be an array."],
    [{ a: [{ numeric: ["~", 5] }] }, "Unrecognized numeric range operator: ~"],
    [{ a: [{ numeric: ["=", "5"] }] }, "Value of equals must be numeric"],
    [{ a: [{ numeric: ["<", 5, ">", 1] }] }, "Too many elements in numeric expression"],
    [{ a: [{ numeric: [">", 5, "<", 1] }] }, "Bottom must be less than top"],
    [{ a: [{ numeric: ["<", 6e9] }] }, "Value must be between -5.0E9 and 5.0E9, inclusive"],
    [{ a: [{ wildcard: "abc**def" }] }, "Consecutive wildcard characters at pos 4"],
    [{ a: [{ wildcard: "a\\bc" }] }, "Invalid escape character at pos 2"],
    [{ a: [{ cidr: "10.0.0.0" }] }, "Malformed CIDR, one '/' required"],
    [{ a: [{ cidr: "10.0.0/8" }] }, "Nonstandard IP address: 10.0.0"],
    [{ a: [{ "anything-but": { prefix: "" } }] }, "Null prefix/suffix not allowed"],
    [{ a: [{ "anything-but": { numeric: [] } }] }, "Unsupported anything-but pattern: numeric"],
    [
      { a: [{ "anything-but": ["x", 1] }] },
      "Inside anything but list, either all values are number or string",
    ],
  ])("is refused as AWS words it: %j", (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(message);
  });

  test("for an event source mapping lacks wildcards and nested anything-but", () => {
    const lambda = (item: unknown) => compilePattern({ body: { a: [item] } }, { dialect: "lambda" });
    expect(lambda({ "anything-but": ["x"] })({ body: { a: "y" } })).toBe(true);
    expect(() => lambda({ wildcard: "x*" })).toThrow("wildcard");
    expect(() => lambda({ "anything-but": { prefix: "x" } })).toThrow("prefix");
  });

  test("reads any wildcard as the regular expression it abbreviates", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 12 });
    const wild = fc
      .array(letters, { minLength: 1, maxLength: 4 })
      .filter((p) => !p.slice(1, -1).includes(""));
    fc.assert(
      fc.property(wild, letters, (parts, value) => {
        const regex = new RegExp(`^${parts.map((p) => p.replaceAll(".", "\\.")).join(".*")}$`);
        const matched = compilePattern({ a: [{ wildcard: parts.join("*") }] })({ a: value });
        expect(matched).toBe(regex.test(value));
      }),
      { numRuns: 500 },
    );
  });

  test("is the complement of anything-but for every present value", () => {
    const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
    fc.assert(
      fc.property(scalar, fc.array(fc.string(), { minLength: 1 }), (value, words) => {
        const but = compilePattern({ a: [{ "anything-but": words }] })({ a: value });
        expect(but).toBe(!compilePattern({ a: words })({ a: value }));
      }),
    );
  });
});

describe("a pattern of SNS", () => {
  const sns = (test: unknown) => compilePattern({ key: [test] }, { dialect: "sns" });
  test.each<[unknown, string]>([
    [{ wildcard: "a*" }, "Unrecognized match type wildcard"],
    [{ "anything-but": { suffix: "x" } }, "Unsupported anything-but pattern: suffix"],
    [{ prefix: { "equals-ignore-case": "x" } }, "prefix match pattern must be a string"],
    [{ numeric: ["=", 2e9] }, "Value must be between -1.0E9 and 1.0E9, inclusive"],
  ])("refuses %j", (item, message) => {
    expect(() => sns(item)).toThrow(message);
  });
  test("knows anything-but with a prefix", () => {
    expect(sns({ "anything-but": { prefix: "order-" } })({ key: "refund-1" })).toBe(true);
    expect(sns({ "anything-but": { prefix: "order-" } })({ key: "order-1" })).toBe(false);
  });
});
