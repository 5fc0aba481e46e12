// Pulumi marks secrets and assets on the wire with these keys (sdk/nodejs/runtime/rpc.ts).
const signature = "4dabf18193072939515e22adb298388d";
const secret = "1b47061264138c4ac30d75fd1eb44270";

interface AssetLike {
  readonly path?: unknown;
  readonly text?: unknown;
  readonly uri?: unknown;
  readonly assets?: unknown;
}

const isAsset = (value: object): value is AssetLike => "__pulumiAsset" in value || "__pulumiArchive" in value;

/** Data only: secrets opened, assets reduced to where they lie. The graph stays on this machine, outside git. */
export const plain = (value: unknown): unknown => {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  const object = value as Record<string, unknown>;
  if (object[signature] === secret) return plain(object.value);
  if (isAsset(value)) return assetOf(value);
  return Object.fromEntries(
    Object.entries(object)
      .map(([key, inner]) => [key, plain(inner)] as const)
      .filter(([, inner]) => inner !== undefined && inner !== null),
  );
};

const assetOf = ({ path, text, uri, assets }: AssetLike): unknown =>
  Object.fromEntries(
    Object.entries({ path, text, uri, assets: plain(assets) }).filter(([, v]) => v !== undefined),
  );
