/** What every function is unless its stack says otherwise. Called before any component is made. */
export function defaults() {
  $transform(sst.aws.Function, (args) => {
    args.runtime ??= "nodejs24.x";
    args.architecture ??= "arm64";
    args.memory ??= "512 MB";
    args.timeout ??= "10 seconds";
    args.logging ??= { format: "json", retention: "1 month" };
    args.nodejs ??= { minify: true, sourcemap: true };
    const before = args.transform?.function;
    args.transform = {
      ...args.transform,
      function: (fn, opts, name) => {
        if (typeof before === "function") before(fn, opts, name);
        else Object.assign(fn, before);
        fn.tracingConfig = { mode: "Active" };
      },
    };
  });

  // A link hands over names, never rights: each function states its own in `permissions`.
  sst.Linkable.wrap(sst.aws.Dynamo, (table) => ({ properties: { name: table.name } }));
  sst.Linkable.wrap(sst.aws.Queue, (queue) => ({ properties: { url: queue.url } }));
  sst.Linkable.wrap(sst.aws.Bus, (bus) => ({ properties: { name: bus.name } }));
}
