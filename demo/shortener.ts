import type { NewLink } from "#core/shortener/link.schema.ts";
import type { DemoContext } from "./main.ts";

const OWNER = "owner@tenfold.example";

const links: NewLink[] = [
  {
    url: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/best-practices.html",
    custom_hash: "dynamo",
    title: "DynamoDB best practices",
    tags: ["reading"],
  },
  {
    url: "https://www.rfc-editor.org/rfc/rfc9457.html",
    custom_hash: "rfc9457",
    title: "Problem Details for HTTP APIs",
    tags: ["standards"],
  },
  {
    url: "https://en.wikipedia.org/wiki/Base62",
    custom_hash: "base62",
    title: "By language",
    rules: [{ languages: ["de"], url: "https://de.wikipedia.org/wiki/Base62" }],
  },
  {
    url: "https://www.iana.org/domains/reserved",
    custom_hash: "members",
    password: "open-sesame",
    title: "With a password",
  },
  { url: "https://example.com/", custom_hash: "three-times", max_clicks: 3, title: "Works three times" },
];

// Visitors as the edge would see them: an ordinary browser, a phone, a tablet, a crawler.
const visitors = [
  "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/153.0.0.0 Safari/537.36",
  "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.0 Mobile/15E148 Safari/604.1",
  "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
];
const referrers = ["https://news.ycombinator.com/", "https://www.google.com/", "", ""];

/** A handful of links of every kind, owned by the first demo user, with a few clicks on the new ones. */
export const shortenerDemo = async ({ url, tokenOf }: DemoContext): Promise<void> => {
  const token = await tokenOf(OWNER);
  for (const link of links) {
    const answer = await fetch(`${url}/api/v1/shorten`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(link),
    });
    if (answer.status !== 200 && answer.status !== 201) {
      throw new Error(
        `The demo link ${link.custom_hash} was refused: ${answer.status} ${await answer.text()}`,
      );
    }
    const plain = link.password === undefined && link.max_clicks === undefined;
    if (answer.status === 201 && plain) await visit(`${url}/${link.custom_hash}`);
  }
};

const visit = async (address: string) => {
  for (let click = 0; click < 12; click++) {
    const referer = referrers[click % referrers.length];
    await fetch(address, {
      redirect: "manual",
      headers: {
        "user-agent": visitors[click % visitors.length] ?? "",
        ...(referer && { referer }),
      },
    });
  }
};
