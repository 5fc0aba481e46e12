/** An item as it travels: attribute name → typed value. */
export type Item = Readonly<Record<string, AttributeValue>>;
/** `{ "S": "text" }`, `{ "N": "1" }`, … */
export type AttributeValue = Readonly<Record<string, unknown>>;

const bytes = (text: unknown) => Buffer.byteLength(String(text));

/** Two significant digits a byte, one byte more for the exponent and one for a minus sign. */
const numberSize = (text: unknown) => {
  const digits = String(text).replace(/^-?0*\.?0*|[-.]|0+$/g, "").length;
  return Math.ceil(Math.max(digits, 1) / 2) + 1 + (String(text).startsWith("-") ? 1 : 0);
};

const sum = <T>(values: readonly T[], size: (value: T) => number) =>
  values.reduce((total, value) => total + size(value), 0);

const valueSize = (value: AttributeValue): number => {
  const [type, content] = Object.entries(value)[0] ?? [];
  switch (type) {
    case "S":
      return bytes(content);
    case "N":
      return numberSize(content);
    case "B":
      return Buffer.byteLength(String(content), "base64");
    case "SS":
      return sum(content as string[], bytes);
    case "NS":
      return sum(content as string[], numberSize);
    case "BS":
      return sum(content as string[], (b) => Buffer.byteLength(b, "base64"));
    case "L":
      return 3 + sum(content as AttributeValue[], (v) => 1 + valueSize(v));
    case "M":
      return 3 + sum(Object.entries(content as Item), ([k, v]) => 1 + bytes(k) + valueSize(v));
    default:
      return 1; // NULL, BOOL
  }
};

/** Bytes DynamoDB bills for an item (docs: "DynamoDB item sizes and formats"). */
export const itemSize = (item: Item): number =>
  sum(Object.entries(item), ([name, value]) => bytes(name) + valueSize(value));

/** Write units of one item: one per KiB begun. */
export const writeUnits = (size: number): number => Math.max(1, Math.ceil(size / 1_024));

/** Read units of one item or page: half a unit per 4 KiB begun, a whole one when the read is consistent. */
export const readUnits = (size: number, consistent: boolean): number =>
  Math.max(1, Math.ceil(size / 4_096)) * (consistent ? 1 : 0.5);
