import { expect, it } from "vitest";
import { localAddresses } from "./addresses.ts";

it.each([
  ["https://sqs.eu-west-1.amazonaws.com/123456789012/orders", "http://127.0.0.1:4566/123456789012/orders"],
  ["https://us-east-1.queue.amazonaws.com/1/q.fifo", "http://127.0.0.1:4566/1/q.fifo"],
  ['{"url":"https://sqs.eu-west-1.amazonaws.com/1/q"}', '{"url":"http://127.0.0.1:4566/1/q"}'],
  ["https://example.com/sqs.eu-west-1.amazonaws.com/", "https://example.com/sqs.eu-west-1.amazonaws.com/"],
  ["arn:aws:sqs:eu-west-1:1:q", "arn:aws:sqs:eu-west-1:1:q"],
])("a setting of %s becomes %s", (value, local) => {
  expect(localAddresses(value, "http://127.0.0.1:4566")).toBe(local);
});
