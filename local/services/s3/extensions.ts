import { accessAnswers } from "./config/access-answers.ts";
import { configAnswers } from "./config/config-answers.ts";
import { corsAnswers } from "./config/cors-answers.ts";
import { consoleWrites } from "./console-writes.ts";
import type { ExtensionFactory } from "./contract.ts";
import { explorer } from "./explorer.ts";
import { lifecycle } from "./lifecycle/lifecycle.ts";
import { notify } from "./notify/notify.ts";
import { postObject } from "./post/post-object.ts";

/** What stands beside the object API. Preflights first: nobody signs them. */
export const extensions: readonly ExtensionFactory[] = [
  corsAnswers,
  accessAnswers,
  configAnswers,
  notify,
  lifecycle,
  postObject,
  explorer,
  consoleWrites,
];
