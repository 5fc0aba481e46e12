import { byType, type Graph, type Resource } from "../../../local/graph/graph.ts";
import { statements, unnamedSources } from "../kit/policy.ts";
import { arn, at, input, list, number, refersTo, text } from "../kit/read.ts";
import { each, rule, together } from "../kit/rule.ts";

const YEAR = 31_536_000; // seconds

const behaviors = (distribution: Resource) => [
  distribution.inputs.defaultCacheBehavior,
  ...list(distribution.inputs.orderedCacheBehaviors),
];

const speaksHttps = (behavior: unknown) =>
  ["redirect-to-https", "https-only"].includes(text(at(behavior, "viewerProtocolPolicy")));

const isS3 = (origin: unknown) => /\.s3[.-]/.test(text(at(origin, "domainName")));

const originObjection = (origin: unknown): string | false => {
  const id = text(at(origin, "originId"));
  if (isS3(origin)) return !at(origin, "originAccessControlId") && `reads ${id} without access control`;
  const { originProtocolPolicy, originSslProtocols } = (at(origin, "customOriginConfig") ?? {}) as Record<
    string,
    unknown
  >;
  if (originProtocolPolicy !== "https-only") return `speaks plain HTTP to ${id}`;
  return list(originSslProtocols).some((p) => p !== "TLSv1.2") && `speaks old TLS to ${id}`;
};

/** Standard logging, of the first kind (`loggingConfig`) or the second (a log delivery). */
const isLogged = (graph: Graph, distribution: Resource) => {
  const sources = byType(graph, "aws:cloudwatch/logDeliverySource:LogDeliverySource")
    .filter((source) => source.inputs.resourceArn === arn(distribution))
    .map((source) => source.inputs.name);
  const delivered = byType(graph, "aws:cloudwatch/logDelivery:LogDelivery").some((delivery) =>
    sources.includes(delivery.inputs.deliverySourceName),
  );
  return delivered || text(input(distribution, "loggingConfig", "bucket")) !== "";
};

const headerObjections = (graph: Graph, behavior: unknown) => {
  const policy = byType(graph, "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy").find((p) =>
    refersTo(at(behavior, "responseHeadersPolicyId"), p),
  );
  if (!policy) return ["sets no security headers"];
  const security = (...path: string[]) => input(policy, "securityHeadersConfig", ...path);
  return [
    !(number(security("strictTransportSecurity", "accessControlMaxAgeSec")) >= YEAR) &&
      "sets no HSTS of a year",
    !/default-src '(self|none)'/.test(text(security("contentSecurityPolicy", "contentSecurityPolicy"))) &&
      "sets no content security policy that starts from nothing",
    security("contentTypeOptions") === undefined && "lets browsers guess content types",
    security("frameOptions") === undefined && "may be framed",
    security("referrerPolicy") === undefined && "states no referrer policy",
  ];
};

const aclRules = (acl: Resource) => list(acl.inputs.rules).map((r) => at(r, "statement"));

const isAclLogged = (graph: Graph, acl: Resource) =>
  byType(graph, "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration").some(
    (l) => l.inputs.resourceArn === arn(acl),
  );

const passwordObjection = (pool: Resource): string | false => {
  const policy = pool.inputs.passwordPolicy;
  const wanted = ["requireLowercase", "requireUppercase", "requireNumbers"];
  const strong = number(at(policy, "minimumLength")) >= 12 && wanted.every((key) => at(policy, key) === true);
  return !strong && "takes weak passwords";
};

export const edgeRules = [
  rule(42, "CloudFront speaks modern TLS only, reads S3 by OAC, logs, and sets security headers", (graph) => {
    const distributions = byType(graph, "aws:cloudfront/distribution:Distribution");
    const fromS3 = byType(graph, "aws:s3/bucketPolicy:BucketPolicy").filter((policy) =>
      statements(policy.inputs.policy).some(
        (s) => s.allows && s.principals.includes("cloudfront.amazonaws.com"),
      ),
    );
    return together(
      each(distributions, (distribution) => [
        !behaviors(distribution).every(speaksHttps) && "speaks plain HTTP",
        !/^TLSv1\.(2_202[1-9]|3_)/.test(
          text(input(distribution, "viewerCertificate", "minimumProtocolVersion")),
        ) && "takes TLS older than TLSv1.2_2021",
        ...list(distribution.inputs.origins).map(originObjection),
        !isLogged(graph, distribution) && "is not logged",
        graph.stage === "production" && !distribution.inputs.webAclId && "has no web ACL",
        ...behaviors(distribution).flatMap((behavior) => headerObjections(graph, behavior)),
      ]),
      each(fromS3, (policy) => [
        unnamedSources(statements(policy.inputs.policy)).length > 0 &&
          "every CloudFront distribution may read it",
      ]),
      each(byType(graph, "aws:cloudfront/originAccessIdentity:OriginAccessIdentity"), () => [
        "is an access identity: OAC replaces it",
      ]),
    );
  }),
  rule(43, "Firewalls have managed and rate rules, and log", (graph) =>
    each(byType(graph, "aws:wafv2/webAcl:WebAcl"), (acl) => [
      !aclRules(acl).some((s) => at(s, "managedRuleGroupStatement")) && "has no managed rules",
      !aclRules(acl).some((s) => number(at(s, "rateBasedStatement", "limit")) > 0) && "has no rate rule",
      !isAclLogged(graph, acl) && "is not logged",
    ]),
  ),
  rule(44, "User pools offer MFA, ask for strong passwords and tell nothing of accounts", (graph) =>
    together(
      each(byType(graph, "aws:cognito/userPool:UserPool"), (pool) => [
        !["ON", "OPTIONAL"].includes(text(pool.inputs.mfaConfiguration)) && "offers no MFA",
        passwordObjection(pool),
        graph.stage === "production" && pool.inputs.deletionProtection !== "ACTIVE" && "may be deleted",
      ]),
      each(byType(graph, "aws:cognito/userPoolClient:UserPoolClient"), (client) => [
        client.inputs.preventUserExistenceErrors !== "ENABLED" && "tells whether an account exists",
        list(client.inputs.allowedOauthFlows).includes("implicit") && "allows the implicit flow",
      ]),
    ),
  ),
];
