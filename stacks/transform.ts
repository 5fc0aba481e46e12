/** A change to the arguments of a resource before it is made. */
export type Mutate<Args> = (args: Args, opts: $util.CustomResourceOptions, name: string) => void;

type Transform<Args> =
  | Partial<Args>
  | ((args: Args, opts: $util.CustomResourceOptions, name: string) => undefined);

/** What a stack asks for itself, then what we ask for all. */
export const after =
  <Args extends object>(own: Transform<Args> | undefined, ours: Mutate<Args>) =>
  (args: Args, opts: $util.CustomResourceOptions, name: string): undefined => {
    if (typeof own === "function") own(args, opts, name);
    else Object.assign(args, own);
    ours(args, opts, name);
  };
