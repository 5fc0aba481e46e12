import { expect, it } from "vitest";
import { bucketOfHost } from "./virtual-host.ts";

it.each([
  ["books.s3.localhost:4566", "books"],
  ["books.s3.eu-west-1.localhost", "books"],
  ["books.s3.amazonaws.com", "books"],
  ["books.s3.eu-west-1.amazonaws.com", "books"],
  ["books.s3-eu-west-1.amazonaws.com", "books"],
  ["my.books.s3.eu-west-1.amazonaws.com", "my.books"],
  ["books.localhost:4566", "books"],
  ["s3.eu-west-1.amazonaws.com", undefined],
  ["s3.localhost:4566", undefined],
  ["localhost:4566", undefined],
  ["127.0.0.1:4566", undefined],
  ["sqs.eu-west-1.amazonaws.com", undefined],
  ["books.s3.example.com", undefined],
  [undefined, undefined],
])("the host %s names the bucket %s", (host, bucket) => {
  expect(bucketOfHost(host)).toBe(bucket);
});
