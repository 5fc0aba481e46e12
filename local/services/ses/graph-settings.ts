import { createHash } from "node:crypto";
import { byType, type Graph } from "../../graph/graph.ts";
import { foldAddress } from "./address.ts";
import { fieldsOf, listOf, textOf } from "./fields.ts";
import { applySets, reasonsOf } from "./graph-sets.ts";
import type { Feedback, Identity, Settings, Topic } from "./state.ts";

/** Three names as SES gives for signing mails; the same for the same identity. */
export const dkimTokens = (name: string): string[] =>
  [1, 2, 3].map((n) => createHash("sha256").update(`${n}${name}`).digest("hex").slice(0, 32));

/** An identity that is verified: locally there is no one to ask. */
export const newIdentity = (name: string, extra: Partial<Identity> = {}): Identity => ({
  name: foldAddress(name),
  type: name.includes("@") ? "EMAIL_ADDRESS" : "DOMAIN",
  verified: true,
  forwarding: true,
  topics: {},
  headersIn: {},
  dkimTokens: dkimTokens(name),
  tags: [],
  ...extra,
});

const identities = (graph: Graph, settings: Settings): void => {
  const state = (name: string | undefined, set?: string): void => {
    if (!name) return;
    const identity = newIdentity(name, { stated: true, ...(set ? { configurationSet: set } : {}) });
    settings.identities.set(identity.name, identity);
  };
  for (const { inputs } of byType(graph, "aws:sesv2/emailIdentity:EmailIdentity"))
    state(textOf(inputs.emailIdentity), textOf(inputs.configurationSetName));
  for (const { inputs } of byType(graph, "aws:ses/emailIdentity:EmailIdentity")) state(textOf(inputs.email));
  for (const { inputs } of byType(graph, "aws:ses/domainIdentity:DomainIdentity"))
    state(textOf(inputs.domain));
  for (const { inputs } of byType(graph, "aws:ses/identityNotificationTopic:IdentityNotificationTopic")) {
    // The identity may be named by its ARN.
    const identity = settings.identities.get(
      foldAddress(String(inputs.identity).split("identity/").at(-1) ?? ""),
    );
    const feedback = String(inputs.notificationType) as Feedback;
    const topic = textOf(inputs.topicArn);
    if (!identity || !topic) continue;
    identity.topics[feedback] = topic;
    identity.headersIn[feedback] = inputs.includeOriginalHeaders === true;
  }
};

const topicOf = (value: unknown): Topic => {
  const { topicName, displayName, description, defaultSubscriptionStatus } = fieldsOf(value);
  return {
    TopicName: String(topicName),
    DisplayName: String(displayName),
    DefaultSubscriptionStatus: defaultSubscriptionStatus === "OPT_IN" ? "OPT_IN" : "OPT_OUT",
    ...(description ? { Description: String(description) } : {}),
  };
};

const rest = (graph: Graph, settings: Settings, now: number): void => {
  for (const { inputs, outputs, name } of byType(graph, "aws:ses/template:Template")) {
    const template = { name: String(outputs.name ?? name), createdAt: now, stated: true as const };
    const [subject, html, text] = [textOf(inputs.subject), textOf(inputs.html), textOf(inputs.text)];
    const parts = { ...(subject ? { subject } : {}), ...(html ? { html } : {}), ...(text ? { text } : {}) };
    settings.templates.set(template.name, { ...template, ...parts });
  }
  for (const { inputs } of byType(graph, "aws:sesv2/contactList:ContactList")) {
    const name = String(inputs.contactListName);
    const known = settings.lists.get(name); // its contacts were made at run time
    const topics = listOf(inputs.topics).map(topicOf);
    const fresh = { name, contacts: new Map(), createdAt: now, ...known };
    settings.lists.set(name, { ...fresh, topics, updatedAt: now, stated: true });
  }
  for (const { inputs } of byType(
    graph,
    "aws:sesv2/accountSuppressionAttributes:AccountSuppressionAttributes",
  ))
    settings.account.suppressedReasons = reasonsOf(inputs.suppressedReasons) ?? [];
};

/** Lays over the settings what the stacks state: what `sst deploy` would make is there. */
export const applyGraph = (graph: Graph, settings: Settings, now: number): void => {
  identities(graph, settings);
  applySets(graph, settings);
  rest(graph, settings, now);
};
