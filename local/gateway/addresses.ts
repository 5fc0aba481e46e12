/** SQS in any region, by any of its host names. */
const SQS = /https:\/\/(?:sqs\.[a-z0-9-]+|[a-z0-9-]+\.queue)\.amazonaws\.com(?:\.cn)?(?=\/)/g;

/**
 * Points queue URLs in a setting at the local endpoint. The SQS client takes the host of a queue's URL for its endpoint,
 * `AWS_ENDPOINT_URL` or not: a URL of AWS's in a function's environment would have it call AWS.
 */
export const localAddresses = (value: string, endpoint: string): string => value.replace(SQS, endpoint);
