import type { View } from "../../kit/cloud.ts";
import type { Context } from "./context.ts";
import type { User } from "./store.ts";

/** Users of a pool that the console shows at most: the newest. */
const MOST_SHOWN = 500;

const userView = ({ password: _, srp: __, codes, ...user }: User, now: number) => ({
  ...user,
  // What would have been sent by mail or text: nobody else can read it here.
  codes: Object.entries(codes).flatMap(([purpose, sent]) =>
    sent && sent.expiresAt > now ? [{ purpose, code: sent.code, expiresAt: sent.expiresAt }] : [],
  ),
});

/** What the console shows of user pools: never a password's hash or a key. */
export const cognitoViews = ({ cloud, stores }: Context): Readonly<Record<string, View>> => ({
  pools: () => ({
    pools: [...stores.values()].map(({ pool, state }) => ({
      id: pool.id,
      arn: pool.arn,
      issuer: pool.issuer,
      groups: pool.groups,
      clients: pool.clients.map(({ id, name, flows, secret }) => ({
        id,
        name,
        flows: [...flows],
        hasSecret: secret !== undefined,
      })),
      sessions: state.sessions.filter(({ expiresAt }) => expiresAt > cloud.clock.now()).length,
      total: state.users.length,
      users: state.users
        .slice(-MOST_SHOWN)
        .reverse()
        .map((user) => userView(user, cloud.clock.now())),
    })),
  }),
});
