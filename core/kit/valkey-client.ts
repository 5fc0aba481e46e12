import { Cluster, Redis } from "iovalkey";

/**
 * The client's classes. Import this file where a Valkey is used, and only there: of a CommonJS module that is imported
 * dynamically, a bundle has nothing but `default`, while names that are imported statically, as here, it has too.
 */
export const valkeyClient = { Cluster, Redis };
