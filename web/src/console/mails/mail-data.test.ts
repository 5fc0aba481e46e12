import { expect, it } from "vitest";
import { told, toneOf, traceOf } from "./mail-data.ts";

it("an event is told by its texts and numbers; what is deeper stays in its source", () => {
  const record = {
    timestamp: "now",
    bounceType: "Permanent",
    bouncedRecipients: [{}],
    processingTimeMillis: 12,
  };
  expect(told({ type: "Bounce", at: 0, recipients: [], record })).toBe(
    "bounceType Permanent · processingTimeMillis 12",
  );
});

it("what went wrong stands out from what was read", () => {
  expect(["Bounce", "Open", "Delivery", "Send"].map(toneOf)).toEqual(["bad", "accent", "good", ""]);
});

it("a trace is found in its header", () => {
  expect(traceOf("Root=1-5f84c7a4-0123456789abcdef01234567;Parent=1")).toBe(
    "1-5f84c7a4-0123456789abcdef01234567",
  );
  expect(traceOf(undefined)).toBeUndefined();
});
