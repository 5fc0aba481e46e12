import type { AwsRequest, AwsResponse, AwsService, Cloud } from "../../kit/cloud.ts";
import type { Caller } from "../../kit/credentials.ts";

const XML = { "content-type": "text/xml" };
const NAMESPACE = "https://sts.amazonaws.com/doc/2011-06-15/";

/** The identity AWS would state: a function is its role, assumed under the function's name. */
const identity = (caller: Caller, account: string) => {
  const role = caller.roleArn?.split("/").at(-1);
  const session = caller.functionArn?.split(":").at(6) ?? "session";
  return role
    ? { arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`, userId: `AROALOCAL:${session}` }
    : { arn: `arn:aws:iam::${account}:user/developer`, userId: caller.accessKeyId };
};

const answer = ({ body, query, caller, requestId }: AwsRequest, account: string): AwsResponse => {
  const action = new URLSearchParams(body.toString("utf8")).get("Action") ?? query.get("Action");
  if (action !== "GetCallerIdentity" || !caller) {
    const message = `The local sts answers GetCallerIdentity only, not ${action}.`;
    return {
      status: 501,
      headers: XML,
      body: `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>Receiver</Type><Code>NotImplemented</Code><Message>${message}</Message></Error><RequestId>${requestId}</RequestId></ErrorResponse>`,
    };
  }
  const { arn, userId } = identity(caller, account);
  const result = `<Arn>${arn}</Arn><UserId>${userId}</UserId><Account>${account}</Account>`;
  return {
    status: 200,
    headers: XML,
    body: `<GetCallerIdentityResponse xmlns="${NAMESPACE}"><GetCallerIdentityResult>${result}</GetCallerIdentityResult><ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></GetCallerIdentityResponse>`,
    node: arn,
  };
};

/** STS, as far as clients use it to find out who they are. */
export const sts = (cloud: Cloud): AwsService => ({
  name: "sts",
  handle: async (request) => answer(request, cloud.graph.accountId),
  operations: ["sts:GetCallerIdentity"],
});
