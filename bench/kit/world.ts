import type { Running } from "../../local/start.ts";
import type { World } from "./cases.ts";

/** Makes the links that the cases are about, through the public API, owned by the first demo user. */
export const createWorld = async (app: Running): Promise<World> => {
  const token = await app.tokenOf("owner@tenfold.example");
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as {
    sub: string;
  };
  const shorten = async (body: unknown) => {
    const answer = await fetch(`${app.url}/api/v1/shorten`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(body),
    });
    return (await answer.json()) as { id: string; hash: string };
  };
  return {
    owner: claims.sub,
    token,
    link: await shorten({ url: "https://example.org/warm" }),
    locked: await shorten({ url: "https://example.org/locked", password: "open-sesame" }),
  };
};
