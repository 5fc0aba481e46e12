import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { md5, md5OfAttributes } from "./digest.ts";

test("attributes are digested as AWS documents: sorted, length-prefixed, typed by one byte", () => {
  const parts = (...all: (string | number[])[]) =>
    all.map((part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part)));
  const bytes = Buffer.concat([
    ...parts([0, 0, 0, 1], "a", [0, 0, 0, 6], "Binary", [2], [0, 0, 0, 3], [1, 2, 255]),
    ...parts([0, 0, 0, 2], "zy", [0, 0, 0, 6], "String", [1], [0, 0, 0, 2], "é"),
  ]);
  const digest = md5OfAttributes({
    zy: { DataType: "String", StringValue: "é" },
    a: { DataType: "Binary", BinaryValue: Buffer.from([1, 2, 255]).toString("base64") },
  });
  expect(digest).toBe(createHash("md5").update(bytes).digest("hex"));
});

test("digests are those AWS answers", () => {
  const timestamp = (DataType: string) =>
    md5OfAttributes({ timestamp: { DataType, StringValue: "1493147359900" } });
  expect(timestamp("Number")).toBe("235c5c510d26fb653d073faed50ae77c");
  expect(timestamp("Number.java.lang.Long")).toBe("2e2e4876d8e0bd6b8c2c8f556831c349");
  expect(md5("hello world")).toBe("5eb63bbbe01eeed093cb22bb8f5acdc3");
  expect(md5OfAttributes({})).toBeUndefined();
});
