import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { linked } from "#core/kit/config.ts";
import { documents, isConditionFailed } from "#core/kit/dynamo.ts";
import { log } from "#core/kit/log.ts";
import { metrics } from "#core/kit/metrics.ts";
import type { LinkCreated } from "./link.events.ts";
import { linkKey } from "./link.keys.ts";
import { type FetchRules, fetchPage, strict } from "./page-fetch.ts";
import { summarise } from "./page-summary.ts";

/**
 * Looks at the page behind a new link and keeps what it says of itself. Done twice it keeps the same or something
 * newer. A page that cannot be had, or must not be, leaves the link without a preview: it is no failure of ours and
 * would not be mended by trying again.
 */
export const addPreview = async (link: LinkCreated, rules: FetchRules = strict): Promise<void> => {
  const preview = await summaryOf(link.url, rules);
  if (!preview || Object.keys(preview).length === 0) return;
  try {
    await documents().send(
      new UpdateCommand({
        TableName: linked("ShortenerTable").name,
        Key: linkKey(link.domain, link.code),
        UpdateExpression: "SET preview = :preview",
        // The code may have been taken by another link since, or the link may lead elsewhere.
        ConditionExpression: "id = :id AND #url = :url",
        ExpressionAttributeNames: { "#url": "url" },
        ExpressionAttributeValues: { ":preview": preview, ":id": link.id, ":url": link.url },
      }),
    );
  } catch (error) {
    if (!isConditionFailed(error)) throw error;
  }
};

const summaryOf = async (url: string, rules: FetchRules) => {
  try {
    const page = await fetchPage(url, rules);
    return page && summarise(page);
  } catch (error) {
    metrics.addMetric("PreviewsFailed", "Count", 1);
    log.info("no preview", { reason: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
};
