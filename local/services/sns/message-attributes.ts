import { mapOf, type QueryFields, textOf } from "../../kit/query.ts";
import { SnsError, snsErrors } from "./errors.ts";
import type { MessageAttribute, MessageAttributes } from "./model.ts";

const refuse = snsErrors.badAttribute;

const checkName = (name: string): void => {
  if (Buffer.byteLength(name) > 256)
    throw refuse("Length of message attribute name must be less than 256 bytes.");
  const strange = /[^A-Za-z0-9_.-]/u.exec(name)?.[0];
  if (strange !== undefined)
    throw refuse(
      `Invalid non-alphanumeric character '#x${strange.codePointAt(0)?.toString(16).toUpperCase()}' was found in the message attribute name. Can only include alphanumeric characters, hyphens, underscores, or dots.`,
    );
  if (name.startsWith("."))
    throw refuse("Invalid message attribute name starting with character '.' was found.");
  if (name.endsWith(".")) throw refuse("Invalid message attribute name ending with character '.' was found.");
  if (name.includes("..")) throw refuse("Message attribute name can not have successive '.' character.");
};

const checkValue = (name: string, { DataType, StringValue, BinaryValue }: MessageAttribute): void => {
  const kind = /^(String|Number|Binary)(\..*)?$/s.exec(DataType)?.[1];
  if (!kind)
    throw refuse(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  const [wanted, other] = kind === "Binary" ? [BinaryValue, StringValue] : [StringValue, BinaryValue];
  if (wanted === undefined && other !== undefined)
    throw refuse(
      `The message attribute '${name}' with type '${kind}' must use field '${kind === "Binary" ? "Binary" : "String"}'.`,
    );
  if (!wanted)
    throw refuse(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    );
  if (kind === "Number" && !Number.isFinite(Number(wanted)))
    throw refuse(`Could not cast message attribute '${name}' value to number.`);
};

/** Reads and checks a message's attributes; `path` stands before the name in errors of batches. */
export const readAttributes = (input: QueryFields, path = ""): MessageAttributes => {
  const given = Object.entries(mapOf(input, "MessageAttributes"));
  const read = given.map(([name, value]): [string, MessageAttribute] => {
    const fields = (typeof value === "object" && !Array.isArray(value) ? value : {}) as QueryFields;
    const DataType = textOf(fields, "DataType");
    if (DataType === undefined)
      throw new SnsError(
        "ValidationError",
        `1 validation error detected: Value null at '${path}messageAttributes.${name}.member.dataType' failed to satisfy constraint: Member must not be null`,
      );
    const [StringValue, BinaryValue] = [textOf(fields, "StringValue"), textOf(fields, "BinaryValue")];
    const attribute = {
      DataType,
      ...(StringValue === undefined ? {} : { StringValue }),
      ...(BinaryValue === undefined ? {} : { BinaryValue }),
    };
    checkName(name);
    checkValue(name, attribute);
    return [name, attribute];
  });
  return Object.fromEntries(read);
};

/** Bytes that attributes add to a message. */
export const sizeOf = (attributes: MessageAttributes): number =>
  Object.entries(attributes).reduce(
    (sum, [name, { DataType, StringValue, BinaryValue }]) =>
      sum +
      Buffer.byteLength(name) +
      Buffer.byteLength(DataType) +
      (BinaryValue === undefined
        ? Buffer.byteLength(StringValue ?? "")
        : Buffer.byteLength(BinaryValue, "base64")),
    0,
  );
