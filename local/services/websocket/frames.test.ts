import { describe, expect, it, vi } from "vitest";
import { cut, watchFrames } from "./frames.ts";

/** A masked frame as a client sends it. */
const frame = (opcode: number, length: number): Buffer => {
  const head = length < 126 ? Buffer.alloc(2) : length < 65_536 ? Buffer.alloc(4) : Buffer.alloc(10);
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (length < 126 ? length : length < 65_536 ? 126 : 127);
  if (head.length === 4) head.writeUInt16BE(length, 2);
  if (head.length === 10) head.writeBigUInt64BE(BigInt(length), 2);
  return Buffer.concat([head, Buffer.alloc(4), Buffer.alloc(length, 0x81)]);
};

const told = (bytes: Buffer, step: number): number => {
  const tooLong = vi.fn();
  const watch = watchFrames(32_768, tooLong);
  for (let at = 0; at < bytes.length; at += step) watch(bytes.subarray(at, at + step));
  return tooLong.mock.calls.length;
};

describe("the watch over frames", () => {
  it.each([1, 3, 1_000, 1_000_000])("finds a frame that is too long in pieces of %i bytes", (step) => {
    const fine = Buffer.concat([frame(1, 0), frame(1, 125), frame(9, 5), frame(2, 126), frame(0, 32_768)]);
    expect(told(fine, step)).toBe(0);
    expect(told(Buffer.concat([fine, frame(1, 32_769)]), step)).toBe(1);
    expect(told(Buffer.concat([fine, frame(1, 70_000)]), step)).toBe(1);
  });
});

it("a message is cut into pieces that make it whole again", () => {
  const message = Buffer.from("é".repeat(50_000));
  const pieces = cut(message, 32_768);
  expect(pieces.map((piece) => piece.length)).toEqual([32_768, 32_768, 32_768, 1_696]);
  expect(Buffer.concat(pieces).equals(message)).toBe(true);
  expect(cut(Buffer.alloc(0), 10)).toHaveLength(1);
});
