import { createHash, type Hash } from "node:crypto";

/** A message attribute as the JSON protocol carries it; binary values are base64. */
export interface MessageAttribute {
  readonly DataType: string;
  readonly StringValue?: string;
  readonly BinaryValue?: string;
}

export type MessageAttributes = Readonly<Record<string, MessageAttribute>>;

/** MD5 of a message body, in hex. */
export const md5 = (text: string): string => createHash("md5").update(text).digest("hex");

// Length-prefixed as the SQS developer guide lays it out ("Calculating the MD5 message digest for message attributes").
const put = (hash: Hash, bytes: Buffer): void => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  hash.update(length).update(bytes);
};

/** MD5 over attributes sorted by name, which SDKs verify; undefined when there are none. */
export const md5OfAttributes = (attributes: MessageAttributes): string | undefined => {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return undefined;
  const hash = createHash("md5");
  for (const name of names) {
    const attribute = attributes[name];
    if (!attribute) continue;
    put(hash, Buffer.from(name));
    put(hash, Buffer.from(attribute.DataType));
    const binary = attribute.BinaryValue !== undefined;
    hash.update(Buffer.from([binary ? 2 : 1]));
    put(
      hash,
      binary ? Buffer.from(attribute.BinaryValue ?? "", "base64") : Buffer.from(attribute.StringValue ?? ""),
    );
  }
  return hash.digest("hex");
};
