import { arn, born, globalArn, type Kind, type Made, text } from "./kind.ts";

// API Gateway (REST, HTTP, WebSocket), CloudFront, Cognito, certificates, DNS, WAF and mail.

const gatewayArn = (made: Made, path: string) => `arn:aws:apigateway:${made.region}::/${path}`;

const executionArn = (made: Made, api: string) => arn(made, "execute-api", api);

const restApi: Kind = (made) => {
  const id = made.ids.lower(10);
  return {
    id,
    arn: gatewayArn(made, `restapis/${id}`),
    executionArn: executionArn(made, id),
    rootResourceId: made.ids.second().lower(10),
    createdDate: born,
  };
};

const restResource: Kind = (made) => {
  const parent = made.find("aws:apigateway/resource:Resource", made.inputs.parentId);
  return { id: made.ids.lower(6), path: `${text(parent?.path)}/${text(made.inputs.pathPart)}` };
};

const restStage: Kind = (made) => {
  const api = text(made.inputs.restApi);
  const stage = text(made.inputs.stageName);
  return {
    id: `ags-${api}-${stage}`,
    arn: gatewayArn(made, `restapis/${api}/stages/${stage}`),
    executionArn: `${executionArn(made, api)}/${stage}`,
    invokeUrl: `https://${api}.execute-api.${made.region}.amazonaws.com/${stage}`,
  };
};

const restPart =
  (prefix: string): Kind =>
  ({ inputs }) => ({
    id: [prefix, inputs.restApi, inputs.resourceId, inputs.httpMethod, inputs.statusCode]
      .filter(Boolean)
      .join("-"),
  });

const restChild =
  (collection: string): Kind =>
  (made) => {
    const id = made.ids.lower(6);
    return { id, arn: gatewayArn(made, `restapis/${text(made.inputs.restApi)}/${collection}/${id}`) };
  };

const api: Kind = (made) => {
  const id = made.ids.lower(10);
  const scheme = made.inputs.protocolType === "WEBSOCKET" ? "wss" : "https";
  return {
    id,
    arn: gatewayArn(made, `apis/${id}`),
    executionArn: executionArn(made, id),
    apiEndpoint: `${scheme}://${id}.execute-api.${made.region}.amazonaws.com`,
  };
};

const apiStage: Kind = (made) => {
  const id = text(made.inputs.apiId);
  const scheme = made.find("aws:apigatewayv2/api:Api", id)?.protocolType === "WEBSOCKET" ? "wss" : "https";
  const path = made.physical === "$default" ? "" : made.physical;
  return {
    id: made.physical,
    arn: gatewayArn(made, `apis/${id}/stages/${made.physical}`),
    executionArn: `${executionArn(made, id)}/${made.physical}`,
    invokeUrl: `${scheme}://${id}.execute-api.${made.region}.amazonaws.com/${path}`,
  };
};

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
  "aws:apigateway/account:Account": (made) => ({
    id: "api-gateway-account",
    cloudwatchRoleArn: globalArn(made, "iam", "role/APIGatewayPushToCloudWatchLogsRole"),
  }),
  "aws:apigateway/apiKey:ApiKey": (made) => {
    const id = made.ids.lower(10);
    const value = text(made.inputs.value) || made.ids.mixed(40);
    return { id, value, arn: gatewayArn(made, `apikeys/${id}`), createdDate: born };
  },
  "aws:apigateway/authorizer:Authorizer": restChild("authorizers"),
  "aws:apigateway/deployment:Deployment": (made) => ({ id: made.ids.lower(6), createdDate: born }),
  "aws:apigateway/integration:Integration": restPart("agi"),
  "aws:apigateway/integrationResponse:IntegrationResponse": restPart("agir"),
  "aws:apigateway/method:Method": restPart("agm"),
  "aws:apigateway/methodResponse:MethodResponse": restPart("agmr"),
  "aws:apigateway/model:Model": (made) => ({ id: made.ids.lower(6) }),
  "aws:apigateway/requestValidator:RequestValidator": (made) => ({ id: made.ids.lower(6) }),
  "aws:apigateway/resource:Resource": restResource,
  "aws:apigateway/restApi:RestApi": restApi,
  "aws:apigateway/stage:Stage": restStage,
  "aws:apigateway/usagePlan:UsagePlan": (made) => {
    const id = made.ids.lower(6);
    return { id, arn: gatewayArn(made, `usageplans/${id}`) };
  },
  "aws:apigateway/usagePlanKey:UsagePlanKey": (made) => {
    const key = made.find("aws:apigateway/apiKey:ApiKey", made.inputs.keyId);
    return { id: text(made.inputs.keyId), name: key?.name, value: key?.value };
  },
  "aws:apigatewayv2/api:Api": api,
  "aws:apigatewayv2/authorizer:Authorizer": (made) => ({ id: made.ids.lower(6) }),
  "aws:apigatewayv2/deployment:Deployment": (made) => ({ id: made.ids.lower(6) }),
  "aws:apigatewayv2/integration:Integration": (made) => ({ id: made.ids.lower(7) }),
  "aws:apigatewayv2/route:Route": (made) => ({ id: made.ids.lower(7) }),
  "aws:apigatewayv2/stage:Stage": apiStage,
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
  "aws:sesv2/emailIdentity:EmailIdentity": (made) => ({
    id: text(made.inputs.emailIdentity),
    arn: arn(made, "ses", `identity/${text(made.inputs.emailIdentity)}`),
    dkimSigningAttributes: { tokens: ["1", "2", "3"].map((n) => n + made.ids.lower(31)), status: "SUCCESS" },
    verifiedForSendingStatus: true,
  }),
  "aws:sesv2/configurationSet:ConfigurationSet": (made) => ({
    id: text(made.inputs.configurationSetName),
    arn: arn(made, "ses", `configuration-set/${text(made.inputs.configurationSetName)}`),
  }),
};
