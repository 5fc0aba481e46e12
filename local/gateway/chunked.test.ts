import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BodyFault } from "../kit/body-fault.ts";
import { decodeChunks } from "./chunked.ts";

/** A body as it arrives: cut anywhere. */
async function* arriving(bytes: Buffer, step: number): AsyncGenerator<Buffer, void, undefined> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

const decode = async (bytes: Buffer, step: number, decodedLength: number, trailers?: string[]) => {
  let found: Record<string, string> = {};
  const out: Buffer[] = [];
  const framing = { decodedLength, ...(trailers && { trailers }) };
  for await (const piece of decodeChunks(arriving(bytes, step), framing, (given) => {
    found = given;
  })) {
    out.push(piece);
  }
  return { body: Buffer.concat(out), trailers: found };
};

const frame = (chunks: readonly Uint8Array[], tail = "0\r\n\r\n") =>
  Buffer.concat([
    ...chunks.flatMap((chunk) => [
      Buffer.from(`${chunk.length.toString(16)}\r\n`),
      chunk,
      Buffer.from("\r\n"),
    ]),
    Buffer.from(tail),
  ]);

const CHUNK = fc.uint8Array({ minLength: 1, maxLength: 300 });

describe("Framed bodies", () => {
  it("are what was framed, wherever the network cuts them", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(CHUNK, { maxLength: 6 }),
        fc.integer({ min: 1, max: 50 }),
        async (chunks, step) => {
          const whole = Buffer.concat(chunks);
          const tail = "0\r\nx-amz-checksum-crc32: AAAAAA==\r\n\r\n";
          const { body, trailers } = await decode(frame(chunks, tail), step, whole.length, [
            "x-amz-checksum-crc32",
          ]);
          expect(body.equals(whole)).toBe(true);
          expect(trailers).toEqual({ "x-amz-checksum-crc32": "AAAAAA==" });
        },
      ),
    );
  });

  it("end without an empty line too, as some clients leave them", async () => {
    const { trailers } = await decode(frame([Buffer.from("a")], "0\r\nx-a:1\r\n"), 5, 1, ["x-a"]);
    expect(trailers).toEqual({ "x-a": "1" });
  });

  it.each([
    ["a size that is no number", "zz\r\na\r\n0\r\n\r\n", "IncompleteBody"],
    ["a size beyond what was announced", "ffffffff\r\na", "IncompleteBody"],
    ["a size that goes on for ever", "0".repeat(5_000), "IncompleteBody"],
    ["a chunk without its end", "1\r\nab0\r\n\r\n", "IncompleteBody"],
    ["nothing", "", "IncompleteBody"],
    ["no last chunk", "1\r\na\r\n", "IncompleteBody"],
    [
      "a signature nobody announced",
      `1;chunk-signature=${"0".repeat(64)}\r\na\r\n0\r\n\r\n`,
      "IncompleteBody",
    ],
    ["a trailer nobody announced", "1\r\na\r\n0\r\nx-b:1\r\n\r\n", "MalformedTrailerError"],
    ["a trailer twice", "1\r\na\r\n0\r\nx-a:1\r\nx-a:2\r\n\r\n", "MalformedTrailerError"],
    ["no trailer that was announced", "1\r\na\r\n0\r\n\r\n", "MalformedTrailerError"],
    [
      "a trailer beyond all measure",
      `1\r\na\r\n0\r\nx-a:${"b".repeat(20_000)}\r\n\r\n`,
      "MalformedTrailerError",
    ],
    ["something after the end", "1\r\na\r\n0\r\nx-a:1\r\n\r\nmore", "MalformedTrailerError"],
  ])("with %s fail, and say so", async (_, text, code) => {
    const failed = await decode(Buffer.from(text), 100, 1, ["x-a"]).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(BodyFault);
    expect((failed as BodyFault).code).toBe(code);
  });
});
