import { type Header, headerOf, withoutHeaders } from "../../front/exchange.ts";
import { type Fields, fields, list, number, text, texts } from "../../front/read.ts";

/** One header a policy sets; without `override` the origin's own value stays. */
interface Rule {
  readonly name: string;
  readonly value: string;
  readonly override: boolean;
}

/** Applies a response headers policy to an answer, knowing the request's Origin. */
export type ResponseHeaders = (headers: readonly Header[], origin: string | undefined) => Header[];

const securityRules = (config: Fields): Rule[] => {
  const rules: Rule[] = [];
  const add = (name: string, value: string | undefined, source: Fields) => {
    if (value !== undefined) rules.push({ name, value, override: source.override === true });
  };
  const csp = fields(config.contentSecurityPolicy);
  add("content-security-policy", text(csp.contentSecurityPolicy), csp);
  if (config.contentTypeOptions) add("x-content-type-options", "nosniff", fields(config.contentTypeOptions));
  const frame = fields(config.frameOptions);
  add("x-frame-options", text(frame.frameOption), frame);
  const referrer = fields(config.referrerPolicy);
  add("referrer-policy", text(referrer.referrerPolicy), referrer);
  const hsts = fields(config.strictTransportSecurity);
  const age = number(hsts.accessControlMaxAgeSec);
  const hstsFlags = `${hsts.includeSubdomains === true ? "; includeSubDomains" : ""}${hsts.preload === true ? "; preload" : ""}`;
  add("strict-transport-security", age === undefined ? undefined : `max-age=${age}${hstsFlags}`, hsts);
  const xss = fields(config.xssProtection);
  if (config.xssProtection) {
    add("x-xss-protection", xss.protection === true ? `1${xss.modeBlock ? "; mode=block" : ""}` : "0", xss);
  }
  return rules;
};

const listed = (value: unknown): string[] => texts(fields(value).items ?? value);

const allowsOrigin = (allowed: readonly string[], origin: string): boolean =>
  allowed.some((entry) => {
    if (entry === "*" || entry === origin) return true;
    if (!entry.includes("*")) return false;
    const source = entry.replace(/[.+?^${}()|[\]\\]/g, "\\$&").replaceAll("*", "[^/]*");
    return new RegExp(`^${source}$`).test(origin);
  });

const corsRules = (config: Fields, origin: string | undefined): Rule[] => {
  const allowed = listed(config.accessControlAllowOrigins);
  if (allowed.length === 0 || origin === undefined || !allowsOrigin(allowed, origin)) return [];
  const credentials = config.accessControlAllowCredentials === true;
  const override = config.originOverride === true;
  const any = allowed.includes("*") && !credentials;
  const rules: Rule[] = [{ name: "access-control-allow-origin", value: any ? "*" : origin, override }];
  const add = (name: string, values: readonly string[]) => {
    if (values.length > 0) rules.push({ name, value: values.join(", "), override });
  };
  if (!any) rules.push({ name: "vary", value: "Origin", override: false });
  if (credentials) rules.push({ name: "access-control-allow-credentials", value: "true", override });
  add("access-control-allow-methods", listed(config.accessControlAllowMethods));
  add("access-control-allow-headers", listed(config.accessControlAllowHeaders));
  add("access-control-expose-headers", listed(config.accessControlExposeHeaders));
  const age = number(config.accessControlMaxAgeSec);
  if (age !== undefined) rules.push({ name: "access-control-max-age", value: String(age), override });
  return rules;
};

/** Compiles a response headers policy. */
export const responseHeaders = (policy: Fields | undefined): ResponseHeaders => {
  if (!policy) return (headers) => [...headers];
  const security = securityRules(fields(policy.securityHeadersConfig));
  const customItems = list(fields(policy.customHeadersConfig).items).map(fields);
  const custom = customItems.map(
    (item): Rule => ({
      name: String(item.header),
      value: String(item.value),
      override: item.override === true,
    }),
  );
  const removed = new Set(
    list(fields(policy.removeHeadersConfig).items).map((item) => String(fields(item).header).toLowerCase()),
  );
  return (headers, origin) => {
    let out = withoutHeaders(headers, removed);
    for (const rule of [...corsRules(fields(policy.corsConfig), origin), ...security, ...custom]) {
      const lower = rule.name.toLowerCase();
      if (!rule.override && headerOf(out, lower) !== undefined) continue;
      out = withoutHeaders(out, new Set([lower]));
      out.push([rule.name, rule.value]);
    }
    return out;
  };
};
