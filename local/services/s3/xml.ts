import { XMLParser, XMLValidator } from "fast-xml-parser";
import { malformedXml } from "./fault.ts";

/** Elements in their order; a list repeats its element; undefined leaves it out. */
export type Xml = string | number | boolean | XmlElements;

/** Children by name. */
export interface XmlElements {
  readonly [name: string]: Xml | readonly Xml[] | undefined;
}

const NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/";

const ESCAPES: Readonly<Record<string, string>> = {
  "<": "&lt;",
  ">": "&gt;",
  "&": "&amp;",
  '"': "&quot;",
  "\r": "&#13;",
};

// XML 1.0 has no way to write most control characters; S3 writes references to them all the same, hence `encoding-type=url`.
const escapeControl = (c: string) =>
  c >= " " || c === "\n" || c === "\t" ? c : `&#x${c.charCodeAt(0).toString(16)};`;

const escapeText = (text: string) => text.replace(/[<>&"\p{Cc}]/gu, (c) => ESCAPES[c] ?? escapeControl(c));

const element = (name: string, value: Xml): string => {
  const content = typeof value === "object" ? children(value) : escapeText(String(value));
  const [tag] = name.split(" ", 1); // a name may carry attributes
  return content === "" ? `<${name}/>` : `<${name}>${content}</${tag}>`;
};

const children = (elements: XmlElements): string => {
  let text = "";
  for (const [name, value] of Object.entries(elements)) {
    if (value === undefined) continue;
    if (Array.isArray(value)) for (const one of value as readonly Xml[]) text += element(name, one);
    else text += element(name, value as Xml);
  }
  return text;
};

/** A document as S3 writes it. */
export const writeXml = (root: string, elements: Xml | readonly XmlElements[]): string => {
  const lists = Array.isArray(elements) ? (elements as readonly XmlElements[]) : undefined;
  const one = elements as Xml;
  const content =
    lists?.map(children).join("") ?? (typeof one === "object" ? children(one) : escapeText(String(one)));
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${NAMESPACE}">${content}</${root}>`;
};

/** A document read: elements by name, text as text, whatever repeats as a list. */
export type XmlRead = string | XmlRead[] | { [name: string]: XmlRead };

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "@",
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  removeNSPrefix: true,
  ignoreDeclaration: true,
  processEntities: true,
  htmlEntities: true, // for character references: Go writes quotes as `&#34;`
});

const WHITE = /^\s*$/;

// White space between elements is no content; in an element that has no children it is.
const tidy = (value: unknown): XmlRead => {
  if (Array.isArray(value)) return value.map(tidy);
  if (typeof value !== "object" || value === null) return String(value ?? "");
  const entries = Object.entries(value);
  const inner = entries.filter(([name]) => !name.startsWith("@") && name !== "#text");
  if (inner.length > 0) return Object.fromEntries(inner.map(([name, one]) => [name, tidy(one)]));
  const text = entries.find(([name]) => name === "#text")?.[1];
  return String(text ?? "");
};

/** Reads a document whose root is one of `roots`; throws MalformedXML. Entities are not expanded but for XML's own five. */
export const readXml = (text: string, ...roots: readonly string[]): { [name: string]: XmlRead } => {
  // a document type could declare entities that expand without end
  if (text.includes("<!DOCTYPE") || XMLValidator.validate(text) !== true) throw malformedXml();
  const document = tidy(parser.parse(text)) as { [name: string]: XmlRead };
  const root = roots.map((name) => document[name]).find((found) => found !== undefined);
  if (root === undefined || Array.isArray(root)) throw malformedXml();
  if (typeof root !== "string") return root;
  if (!WHITE.test(root)) throw malformedXml();
  return {};
};

/** The children of one name, however often it occurs. */
export const many = (node: XmlRead | undefined, name: string): XmlRead[] => {
  const found = typeof node === "object" && !Array.isArray(node) ? node[name] : undefined;
  return found === undefined ? [] : Array.isArray(found) ? found : [found];
};

/** The text of a child; undefined where there is none. Throws MalformedXML where it is not text, or there are several. */
export const textOf = (node: XmlRead | undefined, name: string): string | undefined => {
  const found = many(node, name);
  if (found.length === 0) return undefined;
  if (found.length > 1 || typeof found[0] !== "string") throw malformedXml();
  return found[0];
};
