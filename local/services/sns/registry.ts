import type { Ledger, Table } from "../../kit/ledger.ts";
import { compileFilter, type Filter } from "./filter.ts";
import type { Endpoint, Platform, Subscription, Topic } from "./model.ts";

/** Everything that has a name here. What the graph states is read anew at each start; the rest is kept. */
export interface Registry {
  readonly topics: ReadonlyMap<string, Topic>;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  readonly platforms: ReadonlyMap<string, Platform>;
  readonly endpoints: Table<Endpoint>;
  /** Unsubscribed HTTP subscriptions that their last message's token can bring back, by that token. */
  readonly cancelled: Table<Subscription>;
  of(topicArn: string): readonly Subscription[];
  filterOf(subscription: Subscription): Filter;
  saveTopic(topic: Topic): void;
  saveSubscription(subscription: Subscription): void;
  savePlatform(platform: Platform): void;
  dropTopic(topic: Topic): void;
  dropSubscription(subscription: Subscription): void;
  dropPlatform(platform: Platform): void;
}

/** What the graph states. */
export interface Declared {
  readonly topics: readonly Topic[];
  readonly subscriptions: readonly Subscription[];
  readonly platforms: readonly Platform[];
}

const merged = <T extends { arn: string; runtime: boolean }>(kept: Table<T>, declared: readonly T[]) => {
  const all = new Map(declared.map((one) => [one.arn, one]));
  // A name that a stack took over since is the stack's.
  for (const one of kept.values()) if (!all.has(one.arn)) all.set(one.arn, one);
  return all;
};

/** Opens what is kept beside what the graph states. */
export const openRegistry = (ledger: Ledger, declared: Declared): Registry => {
  const kept = {
    topics: ledger.table<Topic>("topics"),
    subscriptions: ledger.table<Subscription>("subscriptions"),
    platforms: ledger.table<Platform>("platforms"),
    confirmed: ledger.table<string>("confirmed"),
  };
  const topics = merged(kept.topics, declared.topics);
  const subscriptions = merged(kept.subscriptions, declared.subscriptions);
  const platforms = merged(kept.platforms, declared.platforms);
  const byTopic = new Map<string, Set<Subscription>>();
  const filters = new WeakMap<Subscription, Filter>();
  const index = (subscription: Subscription) => {
    const known = byTopic.get(subscription.topicArn) ?? new Set();
    byTopic.set(subscription.topicArn, known.add(subscription));
  };
  for (const subscription of subscriptions.values()) {
    const token = kept.confirmed.get(subscription.arn);
    if (token !== undefined) Object.assign(subscription, { pending: false, token });
    index(subscription);
  }
  const dropSubscription = (subscription: Subscription) => {
    subscriptions.delete(subscription.arn);
    byTopic.get(subscription.topicArn)?.delete(subscription);
    kept.subscriptions.delete(subscription.arn);
    kept.confirmed.delete(subscription.arn);
  };
  return {
    topics,
    subscriptions,
    platforms,
    endpoints: ledger.table("endpoints"),
    cancelled: ledger.table("cancelled"),
    of: (topicArn) => [...(byTopic.get(topicArn) ?? [])],
    filterOf(subscription) {
      const filter = filters.get(subscription) ?? compileFilter(subscription.attributes);
      filters.set(subscription, filter);
      return filter;
    },
    saveTopic(topic) {
      topics.set(topic.arn, topic);
      if (topic.runtime) kept.topics.set(topic.arn, topic);
    },
    saveSubscription(subscription) {
      subscriptions.set(subscription.arn, subscription);
      index(subscription);
      filters.delete(subscription);
      if (subscription.runtime) kept.subscriptions.set(subscription.arn, subscription);
      else if (!subscription.pending && subscription.token !== undefined)
        kept.confirmed.set(subscription.arn, subscription.token);
    },
    savePlatform(platform) {
      platforms.set(platform.arn, platform);
      if (platform.runtime) kept.platforms.set(platform.arn, platform);
    },
    dropTopic(topic) {
      topics.delete(topic.arn);
      kept.topics.delete(topic.arn);
      for (const subscription of byTopic.get(topic.arn) ?? []) dropSubscription(subscription);
      byTopic.delete(topic.arn);
    },
    dropSubscription,
    dropPlatform(platform) {
      platforms.delete(platform.arn);
      kept.platforms.delete(platform.arn);
    },
  };
};
