import * as Tokens from "#core/identity/tokens.ts";
import { authorizer } from "#functions/kit/authorizer.ts";

/** API Gateway asks: whose is this token? */
export const handler = authorizer(Tokens.verify, Tokens.toContext);
