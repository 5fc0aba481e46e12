/// <reference path="./.sst/platform/config.d.ts" />

export default $config({
  app(input) {
    const production = input?.stage === "production";
    return {
      name: "tenfold",
      home: "aws",
      removal: production ? "retain" : "remove",
      protect: production,
      providers: {
        aws: { region: "us-east-1", defaultTags: { tags: { app: "tenfold", stage: input.stage } } },
        random: "4.16.6",
      },
    };
  },
  async run() {
    const { defaults } = await import("./stacks/defaults.ts");
    const { platform } = await import("./stacks/platform.ts");
    const { identity } = await import("./stacks/identity.ts");
    const { docs } = await import("./stacks/docs.ts");
    const { limits } = await import("./stacks/limits.ts");
    const { shortener } = await import("./stacks/shortener.ts");
    const { cache } = await import("./stacks/cache.ts");
    const { edge } = await import("./stacks/edge.ts");
    const { observability } = await import("./stacks/observability.ts");

    defaults();
    const base = platform();
    const watched = [identity(base), docs(base), limits(base), shortener(base), cache(base)];
    const { router } = edge(base);
    observability(base, watched);
    return { url: router.url, api: base.api.url };
  },
});
