import type { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { Command, Redis } from "iovalkey";
import type { ValkeyClient } from "./valkey.ts";

/**
 * Makes the wire of a client cheap: of 3 us that a command costs this process, a timer of its own is one, and a system call of
 * its own another. Also for the connections that it makes later.
 */
export const tune = (client: ValkeyClient, timeoutMs: number): void => {
  const events: EventEmitter = client;
  if (client.isCluster) {
    events.on("+node", (node: Redis) => tune(node, timeoutMs));
    return;
  }
  const redis = client as Redis;
  limit(redis, timeoutMs);
  events.on("connect", () => gather(redis.stream));
};

/**
 * What is written within one turn of the event loop leaves as one packet. Nothing waits for a timer, and order and failures stay
 * as they are: each command is still one of its own.
 */
const gather = (stream: Pick<Socket, "write" | "cork" | "uncork">): void => {
  const write = stream.write.bind(stream) as (...args: unknown[]) => boolean;
  let corked = false;
  const flush = () => {
    corked = false;
    stream.uncork();
  };
  stream.write = (...args: unknown[]) => {
    if (!corked) {
      corked = true;
      stream.cork();
      process.nextTick(flush); // runs once all that was resolved in this turn has gone on
    }
    return write(...args);
  };
};

const TICKS = 10; // of a command's time

/**
 * Fails commands that take longer than `timeoutMs`, as the client's `commandTimeout` does, also those that wait for a connection:
 * by one timer for all of them, at most a tenth late.
 */
const limit = (redis: Redis, timeoutMs: number): void => {
  // What was sent in a tick, the latest last. What is answered is let go at its end: its arguments may be large.
  let ticks: Command[][] = [];
  let timer: NodeJS.Timeout | undefined;
  const tick = () => {
    ticks.push((ticks.pop() ?? []).filter(({ isResolved }) => !isResolved));
    ticks.push([]);
    if (ticks.length > TICKS + 1)
      for (const command of ticks.shift() ?? [])
        if (!command.isResolved) command.reject(new Error("Command timed out"));
    if (ticks.some((sent) => sent.length > 0)) return;
    clearInterval(timer);
    timer = undefined;
  };
  const send = redis.sendCommand.bind(redis);
  redis.sendCommand = (command, stream) => {
    if (timer === undefined) {
      ticks = [[]];
      timer = setInterval(tick, timeoutMs / TICKS).unref();
    }
    ticks.at(-1)?.push(command);
    return send(command, stream);
  };
};
