import { arn, born, globalArn, type Kind, type Made, text } from "./kind.ts";

// API Gateway: REST, HTTP and WebSocket.

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
  const socket = made.find("aws:apigatewayv2/api:Api", id)?.protocolType === "WEBSOCKET";
  const scheme = socket ? "wss" : "https";
  // An HTTP API's default stage stands at the root; a WebSocket API has no such stage.
  const path = made.physical === "$default" && !socket ? "" : made.physical;
  return {
    id: made.physical,
    arn: gatewayArn(made, `apis/${id}/stages/${made.physical}`),
    executionArn: `${executionArn(made, id)}/${made.physical}`,
    invokeUrl: `${scheme}://${id}.execute-api.${made.region}.amazonaws.com/${path}`,
  };
};

const apiDomain: Kind = (made) => {
  const domainName = text(made.inputs.domainName);
  const configuration = made.inputs.domainNameConfiguration;
  return {
    id: domainName,
    arn: gatewayArn(made, `domainnames/${domainName}`),
    apiMappingSelectionExpression: "$request.basepath",
    domainNameConfiguration: {
      ...(typeof configuration === "object" ? configuration : {}),
      targetDomainName: `d-${made.ids.lower(10)}.execute-api.${made.region}.amazonaws.com`,
      hostedZoneId: made.ids.second().upper(14),
    },
  };
};

/** Types of this family. */
export const gateway: Readonly<Record<string, Kind>> = {
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
  "aws:apigateway/methodSettings:MethodSettings": ({ inputs }) => ({
    id: [inputs.restApi, inputs.stageName, inputs.methodPath].join("-"),
  }),
  "aws:apigateway/response:Response": ({ inputs }) => ({
    id: `aggr-${text(inputs.restApiId)}-${text(inputs.responseType)}`,
  }),
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
  "aws:apigatewayv2/apiMapping:ApiMapping": (made) => ({ id: made.ids.lower(6) }),
  "aws:apigatewayv2/authorizer:Authorizer": (made) => ({ id: made.ids.lower(6) }),
  "aws:apigatewayv2/deployment:Deployment": (made) => ({ id: made.ids.lower(6) }),
  "aws:apigatewayv2/domainName:DomainName": apiDomain,
  "aws:apigatewayv2/integration:Integration": (made) => ({ id: made.ids.lower(7) }),
  "aws:apigatewayv2/integrationResponse:IntegrationResponse": (made) => ({ id: made.ids.lower(7) }),
  "aws:apigatewayv2/route:Route": (made) => ({ id: made.ids.lower(7) }),
  "aws:apigatewayv2/routeResponse:RouteResponse": (made) => ({ id: made.ids.lower(7) }),
  "aws:apigatewayv2/stage:Stage": apiStage,
};
