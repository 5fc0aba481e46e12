import { addressKey } from "./address.ts";
import type { Level } from "./judgement.ts";
import { guards, type LimitClass, policies } from "./policies.schema.ts";

/** Who asks for what. */
export interface Asked {
  /** The class of the operation. */
  readonly limit: LimitClass;
  /** `POST /api/v1/shorten`. */
  readonly route: string;
  readonly ip: string;
  /** Id of who has signed in. In this app a user is a tenant too: they share nothing. */
  readonly user?: string;
}

/** The levels that guard a route, from wide to narrow: the app's, the user's if there is one, the address's, the route's. */
export const levelsOf = ({ limit, route, ip, user }: Asked): Level[] =>
  guards[limit].flatMap((rule) => {
    const scope = policies.get(rule)?.scope;
    if (scope === "user") return user === undefined ? [] : [{ rule, key: user }];
    if (scope === "ip") return [{ rule, key: addressKey(ip) }];
    return [{ rule, key: scope === "route" ? route : "all" }];
  });
