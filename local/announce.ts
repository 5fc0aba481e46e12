import type { Demo } from "./demo.ts";
import type { Cloud } from "./kit/cloud.ts";
import { socketLines } from "./services/websocket/announce.ts";

/** Says where everything is, and with which keys. */
export const announce = (
  { url, cloud }: { url: string; cloud: Cloud },
  demo: Demo | undefined,
  tookMs: number,
) => {
  const { developer } = cloud.credentials;
  cloud.print(
    [
      "",
      `  ${cloud.graph.app} · ${cloud.graph.stage} · ready in ${(tookMs / 1000).toFixed(1)} s`,
      `  web and API    ${url}/`,
      ...socketLines(cloud.graph, url),
      `  AWS endpoint   ${cloud.endpoint}: aws --endpoint-url ${cloud.endpoint} …, with`,
      `                 AWS_DEFAULT_REGION=${cloud.graph.region} AWS_ACCESS_KEY_ID=${developer.accessKeyId} AWS_SECRET_ACCESS_KEY=${developer.secretAccessKey}`,
      ...(demo?.users ?? []).map((user) => `  sign in as     ${user.email} · ${user.password}`),
      "  Ctrl-C stops everything.",
      "",
    ].join("\n"),
  );
};
