/**
 * List prices in US dollars, us-east-1, on demand, without free tiers, taxes and data transfer out: what the estimates of the
 * limiter and the cache start from. Read on 24 November 2026 from pages that quote AWS's list, as named; none from a bill.
 */

/** Hours and seconds of an average month. */
export const HOURS = 730;
export const SECONDS = HOURS * 3_600;

/** DynamoDB on demand, a unit. Since 1 November 2024; quoted by airbyte.com/data-engineering-resources/dynamodb-pricing, 21 July 2025. */
export const DYNAMO = { write: 0.625e-6, read: 0.125e-6 } as const;

/**
 * ElastiCache for Valkey, a node-hour. AWS prices Valkey's nodes 20 % below those of Redis OSS ($0.032 and $0.219): the products
 * stand here. No page that quotes Valkey's own figures was found: look at aws.amazon.com/elasticache/pricing before you rely on it.
 */
export const VALKEY_NODE = { "cache.t4g.small": 0.0256, "cache.r7g.large": 0.1752 } as const;

/** A NAT gateway, an hour and a GB; quoted by cloudburn.io/blog/aws-nat-gateway-pricing, 24 February 2026. */
export const NAT = { hour: 0.045, gigabyte: 0.045 } as const;

/** A public IPv4 address, an hour: each NAT gateway has one. Since 1 February 2024 (AWS Networking Blog, 28 July 2023). */
export const PUBLIC_IPV4_HOUR = 0.005;
