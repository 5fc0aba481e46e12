/** Work in many lanes: in order within a lane, side by side across lanes, `atOnce` of them. */
export interface Lanes<Item> {
  push(lane: string, item: Item): void;
  start(): void;
  /** Begins nothing more; what runs goes on. */
  pause(): void;
}

/** Makes lanes that stand still until started. */
export const createLanes = <Item>(atOnce: number, work: (item: Item) => Promise<void>): Lanes<Item> => {
  const lanes = new Map<string, Item[]>();
  const ready: string[] = [];
  let [busy, running] = [0, false];
  const pump = () => {
    while (running && busy < atOnce && ready.length > 0) {
      const batch = ready.splice(0, atOnce - busy);
      for (const name of batch) void run(name);
    }
  };
  const run = async (name: string) => {
    const lane = lanes.get(name);
    const item = lane?.[0];
    if (!lane || item === undefined) return;
    busy += 1;
    await work(item);
    busy -= 1;
    lane.shift();
    if (lane.length > 0) ready.push(name);
    else lanes.delete(name);
    pump();
  };
  return {
    push(name, item) {
      const lane = lanes.get(name);
      if (lane) return void lane.push(item);
      lanes.set(name, [item]);
      ready.push(name);
      pump();
    },
    start() {
      running = true;
      pump();
    },
    pause() {
      running = false;
    },
  };
};
