import { arn, born, globalArn, type Kind, text } from "./kind.ts";

// CloudFront, Cognito, certificates, DNS, WAF and mail.

const distribution: Kind = (made) => {
  const id = `E${made.ids.upper(13)}`;
  return {
    id,
    arn: globalArn(made, "cloudfront", `distribution/${id}`),
    domainName: `d${made.ids.lower(13)}.cloudfront.net`,
    // CloudFront's one zone, the same for every distribution.
    hostedZoneId: "Z2FDTNDATAQYW2",
    status: "Deployed",
    etag: `E${made.ids.second().upper(12)}`,
    lastModifiedTime: born,
  };
};

const edgePolicy =
  (collection: string): Kind =>
  (made) => {
    const id = made.ids.uuid();
    return {
      id,
      arn: globalArn(made, "cloudfront", `${collection}/${id}`),
      etag: `E${made.ids.second().upper(12)}`,
    };
  };

const keyValueStore: Kind = (made) => ({
  id: made.physical,
  arn: globalArn(made, "cloudfront", `key-value-store/${made.ids.uuid()}`),
  etag: `E${made.ids.second().upper(12)}`,
  lastModifiedTime: born,
});

const userPool: Kind = (made) => {
  const id = `${made.region}_${made.ids.mixed(9)}`;
  return {
    id,
    arn: arn(made, "cognito-idp", `userpool/${id}`),
    endpoint: `cognito-idp.${made.region}.amazonaws.com/${id}`,
    creationDate: born,
    lastModifiedDate: born,
    estimatedNumberOfUsers: 0,
  };
};

const identityPool: Kind = (made) => {
  const id = `${made.region}:${made.ids.uuid()}`;
  return { id, arn: arn(made, "cognito-identity", `identitypool/${id}`) };
};

const certificate: Kind = (made) => {
  const own = arn(made, "acm", `certificate/${made.ids.uuid()}`);
  const others = Array.isArray(made.inputs.subjectAlternativeNames)
    ? made.inputs.subjectAlternativeNames
    : [];
  const domainValidationOptions = [...new Set([made.inputs.domainName, ...others])].map((domainName) => ({
    domainName,
    resourceRecordName: `_${made.ids.hex(32)}.${text(domainName)}.`,
    resourceRecordType: "CNAME",
    resourceRecordValue: `_${made.ids.second().hex(32)}.acm-validations.aws.`,
  }));
  return { id: own, arn: own, domainValidationOptions, status: "ISSUED" };
};

const webAcl: Kind = (made) => {
  const id = made.ids.uuid();
  const scope = made.inputs.scope === "CLOUDFRONT" ? "global" : "regional";
  return { id, arn: arn(made, "wafv2", `${scope}/webacl/${made.physical}/${id}`), capacity: 0 };
};

/** Types of this family. */
export const web: Readonly<Record<string, Kind>> = {
  "aws:cloudfront/cachePolicy:CachePolicy": edgePolicy("cache-policy"),
  "aws:cloudfront/distribution:Distribution": distribution,
  "aws:cloudfront/function:Function": (made) => ({
    id: made.physical,
    arn: globalArn(made, "cloudfront", `function/${made.physical}`),
    etag: `E${made.ids.second().upper(12)}`,
    liveStageEtag: `E${made.ids.upper(12)}`,
    status: "UNASSOCIATED",
  }),
  "aws:cloudfront/keyValueStore:KeyValueStore": keyValueStore,
  "aws:cloudfront/originAccessControl:OriginAccessControl": (made) => ({ id: `E${made.ids.upper(13)}` }),
  "aws:cloudfront/originRequestPolicy:OriginRequestPolicy": edgePolicy("origin-request-policy"),
  "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy": edgePolicy("response-headers-policy"),
  "aws:cognito/identityPool:IdentityPool": identityPool,
  "aws:cognito/userPool:UserPool": userPool,
  "aws:cognito/userPoolClient:UserPoolClient": (made) => ({
    id: made.ids.lower(26),
    clientSecret: made.inputs.generateSecret ? made.ids.lower(51) : "",
  }),
  "aws:acm/certificate:Certificate": certificate,
  "aws:acm/certificateValidation:CertificateValidation": (made) => ({ id: text(made.inputs.certificateArn) }),
  "aws:route53/zone:Zone": (made) => {
    const id = `Z${made.ids.upper(13)}`;
    const nameServers = ["com", "net", "org", "co.uk"].map((end, n) => `ns-${n + 1}.awsdns-0${n}.${end}`);
    return { id, zoneId: id, arn: `arn:aws:route53:::hostedzone/${id}`, nameServers };
  },
  "aws:route53/record:Record": (made) => ({
    id: [made.inputs.zoneId, made.inputs.name, made.inputs.type].join("_"),
    fqdn: text(made.inputs.name),
  }),
  "aws:wafv2/webAcl:WebAcl": webAcl,
  "aws:wafv2/webAclAssociation:WebAclAssociation": ({ inputs }) => ({
    id: `${text(inputs.webAclArn)},${text(inputs.resourceArn)}`,
  }),
  "aws:wafv2/webAclLoggingConfiguration:WebAclLoggingConfiguration": ({ inputs }) => ({
    id: text(inputs.resourceArn),
  }),
  "aws:sesv2/emailIdentity:EmailIdentity": (made) => ({
    id: text(made.inputs.emailIdentity),
    arn: arn(made, "ses", `identity/${text(made.inputs.emailIdentity)}`),
    dkimSigningAttributes: { tokens: ["1", "2", "3"].map((n) => n + made.ids.lower(31)), status: "SUCCESS" },
    verifiedForSendingStatus: true,
  }),
  "aws:sesv2/configurationSet:ConfigurationSet": (made) => ({
    id: made.physical,
    arn: arn(made, "ses", `configuration-set/${made.physical}`),
  }),
};
