/** No one's AWS account: a call that escaped could reach nobody's resources. */
export const accountId = "000000000000";

/** What `sst deploy` would have found or made once per account and region. */
export const bootstrap = (region: string) => ({
  asset: `sst-asset-local-${region}`,
  state: `sst-state-local-${region}`,
  assetEcrRegistryId: accountId,
  assetEcrUrl: `${accountId}.dkr.ecr.${region}.amazonaws.com/sst-asset`,
  appsyncHttp: `local.appsync-api.${region}.amazonaws.com`,
  appsyncRealtime: `local.appsync-realtime-api.${region}.amazonaws.com`,
});
