import { fault, malformedXml } from "../fault.ts";
import { many, readXml, textOf, type Xml, type XmlRead } from "../xml.ts";
import type { Setting } from "./setting.ts";

/** One rule: who may ask for what from a page elsewhere. */
export interface CorsRule {
  readonly id?: string;
  readonly allowedOrigins: readonly string[];
  readonly allowedMethods: readonly string[];
  readonly allowedHeaders: readonly string[];
  readonly exposeHeaders: readonly string[];
  readonly maxAgeSeconds?: number;
}

const METHODS = new Set(["GET", "PUT", "HEAD", "POST", "DELETE"]);
const MOST_RULES = 100;

const stars = (pattern: string) => pattern.split("*").length - 1;
const invalid = (message: string) => fault("InvalidRequest", {}, message);

/** Throws for a rule that S3 would not take. */
export const checkRule = (rule: CorsRule): CorsRule => {
  const origin = rule.allowedOrigins.find((pattern) => stars(pattern) > 1);
  if (origin) throw invalid(`AllowedOrigin "${origin}" can not have more than one wildcard.`);
  const header = rule.allowedHeaders.find((pattern) => stars(pattern) > 1);
  if (header) throw invalid(`AllowedHeader "${header}" can not have more than one wildcard.`);
  const method = rule.allowedMethods.find((name) => !METHODS.has(name));
  if (method !== undefined) {
    throw invalid(`Found unsupported HTTP method in CORS config. Unsupported method is ${method}`);
  }
  const exposed = rule.exposeHeaders.find((name) => name.includes("*"));
  if (exposed) {
    throw invalid(
      `ExposeHeader "${exposed}" contains wildcard. We currently do not support wildcard for ExposeHeader.`,
    );
  }
  if (rule.allowedOrigins.length === 0 || rule.allowedMethods.length === 0) throw malformedXml();
  return rule;
};

const texts = (node: XmlRead, name: string): string[] =>
  many(node, name).map((one) => {
    if (typeof one !== "string") throw malformedXml();
    return one;
  });

const readRule = (node: XmlRead): CorsRule => {
  const [id, age] = [textOf(node, "ID"), textOf(node, "MaxAgeSeconds")];
  if (age !== undefined && !/^-?\d{1,9}$/.test(age)) throw malformedXml();
  return checkRule({
    ...(id === undefined ? {} : { id }),
    allowedOrigins: texts(node, "AllowedOrigin"),
    allowedMethods: texts(node, "AllowedMethod"),
    allowedHeaders: texts(node, "AllowedHeader"),
    exposeHeaders: texts(node, "ExposeHeader"),
    ...(age === undefined ? {} : { maxAgeSeconds: Number(age) }),
  });
};

const writeRule = (rule: CorsRule): Xml => ({
  ID: rule.id,
  AllowedMethod: rule.allowedMethods,
  AllowedOrigin: rule.allowedOrigins,
  AllowedHeader: rule.allowedHeaders,
  ExposeHeader: rule.exposeHeaders,
  MaxAgeSeconds: rule.maxAgeSeconds,
});

/** The CORS rules of a bucket. */
export const cors: Setting<readonly CorsRule[]> = {
  name: "cors",
  operation: "BucketCors",
  root: "CORSConfiguration",
  limit: 64 * 1024,
  read(text) {
    const rules = many(readXml(text, "CORSConfiguration"), "CORSRule");
    if (rules.length === 0 || rules.length > MOST_RULES) throw malformedXml();
    return rules.map(readRule);
  },
  write: (rules) => ({ CORSRule: rules.map(writeRule) }),
  missing: { code: "NoSuchCORSConfiguration", message: "The CORS configuration does not exist" },
};

const fits = (pattern: string, text: string): boolean => {
  const at = pattern.indexOf("*");
  if (at < 0) return pattern === text;
  const [head, tail] = [pattern.slice(0, at), pattern.slice(at + 1)];
  return text.length >= head.length + tail.length && text.startsWith(head) && text.endsWith(tail);
};

/** The first rule that lets `origin` use `method` with these headers, and whether it lets every origin do so. */
export const findRule = (
  rules: readonly CorsRule[],
  asked: { origin: string; method: string; headers: readonly string[] },
): { rule: CorsRule; any: boolean } | undefined => {
  for (const rule of rules) {
    const origin = rule.allowedOrigins.find((pattern) => fits(pattern, asked.origin));
    if (origin === undefined || !rule.allowedMethods.includes(asked.method)) continue;
    const allowed = rule.allowedHeaders.map((name) => name.toLowerCase());
    if (!asked.headers.every((name) => allowed.some((pattern) => fits(pattern, name)))) continue;
    return { rule, any: origin === "*" };
  }
  return undefined;
};
