import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { documents } from "#core/kit/dynamo.ts";
import { linkKey } from "#core/shortener/link.keys.ts";

/** Code of the link that is asked for so many-th most. */
export const codeOf = (rank: number) => `zipf-${rank}`;

/** Writes so many links into a table, past the app. */
export const fill = async (table: string, links: number) => {
  const put = (rank: number) => ({
    PutRequest: {
      Item: {
        ...linkKey("*", codeOf(rank)),
        id: `lnk_${rank}`,
        domain: "*",
        code: codeOf(rank),
        owner: "",
        redirect: 302,
        revision: 1,
        url: `https://example.com/a/page/of/some/length/${rank}`,
      },
    },
  });
  const batches = Array.from({ length: Math.ceil(links / 25) }, (_, n) =>
    Array.from({ length: Math.min(25, links - n * 25) }, (_, m) => put(n * 25 + m)),
  );
  while (batches.length > 0)
    await Promise.all(
      batches
        .splice(-16)
        .map((batch) => documents().send(new BatchWriteCommand({ RequestItems: { [table]: batch } }))),
    );
};
