import { arnOf, but, type Example, made, plus, policy, without } from "../kit/example.ts";

const security = {
  strictTransportSecurity: { accessControlMaxAgeSec: 63_072_000 },
  contentSecurityPolicy: { contentSecurityPolicy: "default-src 'self'" },
  contentTypeOptions: { override: true },
  frameOptions: { frameOption: "DENY" },
  referrerPolicy: { referrerPolicy: "same-origin" },
};
const headers = made("aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy", "Headers", {
  securityHeadersConfig: security,
});
const behavior = { viewerProtocolPolicy: "redirect-to-https", responseHeadersPolicyId: "Headers" };
const files = {
  originId: "files",
  domainName: "files.s3.us-east-1.amazonaws.com",
  originAccessControlId: "oac",
};
const api = {
  originId: "api",
  domainName: "api.example.com",
  customOriginConfig: { originProtocolPolicy: "https-only", originSslProtocols: ["TLSv1.2"] },
};
const distribution = made("aws:cloudfront/distribution:Distribution", "Edge", {
  defaultCacheBehavior: behavior,
  orderedCacheBehaviors: [behavior],
  origins: [files, api],
  viewerCertificate: { minimumProtocolVersion: "TLSv1.2_2021" },
  webAclId: "acl",
});
const source = made("aws:cloudwatch/logDeliverySource:LogDeliverySource", "Source", {
  name: "edge",
  resourceArn: arnOf("cloudfront", "Edge"),
});
const delivery = made("aws:cloudwatch/logDelivery:LogDelivery", "Delivery", { deliverySourceName: "edge" });

const reads = (condition: Record<string, unknown>) => ({
  policy: policy({
    Effect: "Allow",
    Principal: { Service: "cloudfront.amazonaws.com" },
    Action: "s3:GetObject",
    Resource: "*",
    Condition: condition,
  }),
});
const access = made(
  "aws:s3/bucketPolicy:BucketPolicy",
  "Access",
  reads({ StringEquals: { "aws:SourceArn": arnOf("cloudfront", "Edge") } }),
);

const headersBut = (more: Record<string, unknown>) =>
  but("Headers", { securityHeadersConfig: { ...security, ...more } });

const managed = { statement: { managedRuleGroupStatement: { name: "Common" } } };
const rate = { statement: { rateBasedStatement: { limit: 1_000 } } };
const acl = made("aws:wafv2/webAcl:WebAcl", "Acl", { rules: [managed, rate] });
const aclLog = made("aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration", "AclLog", {
  resourceArn: arnOf("wafv2", "Acl"),
});

const passwordPolicy = {
  minimumLength: 12,
  requireLowercase: true,
  requireUppercase: true,
  requireNumbers: true,
};
const pool = made("aws:cognito/userPool:UserPool", "Pool", {
  mfaConfiguration: "OPTIONAL",
  passwordPolicy,
  deletionProtection: "ACTIVE",
});
const client = made("aws:cognito/userPoolClient:UserPoolClient", "Client", {
  preventUserExistenceErrors: "ENABLED",
  allowedOauthFlows: ["code"],
});

/** CloudFront, firewalls and user pools. */
export const edgeExamples: readonly Example[] = [
  {
    rule: 42,
    stage: "production",
    kept: [distribution, headers, source, delivery, access],
    broken: {
      "plain HTTP": but("Edge", { defaultCacheBehavior: { ...behavior, viewerProtocolPolicy: "allow-all" } }),
      "plain HTTP on one path": but("Edge", {
        orderedCacheBehaviors: [{ ...behavior, viewerProtocolPolicy: "allow-all" }],
      }),
      "old TLS": but("Edge", { viewerCertificate: { minimumProtocolVersion: "TLSv1.1_2016" } }),
      "CloudFront's own certificate": but("Edge", {
        viewerCertificate: { cloudfrontDefaultCertificate: true },
      }),
      "S3 without access control": but("Edge", { origins: [{ ...files, originAccessControlId: undefined }] }),
      "an origin in the clear": but("Edge", {
        origins: [
          { ...api, customOriginConfig: { ...api.customOriginConfig, originProtocolPolicy: "http-only" } },
        ],
      }),
      "an origin with old TLS": but("Edge", {
        origins: [
          { ...api, customOriginConfig: { ...api.customOriginConfig, originSslProtocols: ["TLSv1"] } },
        ],
      }),
      unlogged: without("Delivery"),
      "no firewall in production": but("Edge", { webAclId: undefined }),
      "no headers": but("Edge", { defaultCacheBehavior: { viewerProtocolPolicy: "https-only" } }),
      "HSTS of a day": headersBut({ strictTransportSecurity: { accessControlMaxAgeSec: 86_400 } }),
      "no content policy": headersBut({ contentSecurityPolicy: undefined }),
      "a content policy open to all": headersBut({
        contentSecurityPolicy: { contentSecurityPolicy: "default-src *" },
      }),
      "content types guessed": headersBut({ contentTypeOptions: undefined }),
      framed: headersBut({ frameOptions: undefined }),
      "referrers unstated": headersBut({ referrerPolicy: undefined }),
      "a bucket open to every distribution": but("Access", reads({})),
      "an access identity": plus(
        made("aws:cloudfront/originAccessIdentity:OriginAccessIdentity", "Identity"),
      ),
    },
  },
  {
    rule: 43,
    kept: [acl, aclLog],
    broken: {
      "no managed rules": but("Acl", { rules: [rate] }),
      "no rate": but("Acl", { rules: [managed] }),
      unlogged: without("AclLog"),
    },
  },
  {
    rule: 44,
    stage: "production",
    kept: [pool, client],
    broken: {
      "no MFA": but("Pool", { mfaConfiguration: "OFF" }),
      "short passwords": but("Pool", { passwordPolicy: { ...passwordPolicy, minimumLength: 8 } }),
      "no digits": but("Pool", { passwordPolicy: { ...passwordPolicy, requireNumbers: false } }),
      unprotected: but("Pool", { deletionProtection: "INACTIVE" }),
      "tells of accounts": but("Client", { preventUserExistenceErrors: "LEGACY" }),
      "the implicit flow": but("Client", { allowedOauthFlows: ["implicit", "code"] }),
    },
  },
];
