const RealDate = Date;
let offsetMs = 0;

const now = () => RealDate.now() + offsetMs;

// A proxy, not a subclass: `instanceof Date` and `Date.prototype` stay what they were for objects made before.
const shifted: DateConstructor = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length ? args : [now()], newTarget === shifted ? target : newTarget),
  apply: () => new RealDate(now()).toString(),
  get: (target, key, receiver) => (key === "now" ? now : Reflect.get(target, key, receiver)),
});

/** Lets the function read the local cloud's time. `Date` is left alone until the clock has been moved. */
export const shiftDate = (ms: number): void => {
  offsetMs = ms;
  if (ms !== 0) globalThis.Date = shifted;
};

/** Milliseconds on the machine's own clock, whatever the function's `Date` says. */
export const realNow = (): number => performance.timeOrigin + performance.now();
