/** Names of a service's operations from the table that answers them, so that what is documented is what is served. */
export const served = (api: string, table: Readonly<Record<string, unknown>>): readonly string[] =>
  Object.keys(table).map((operation) => `${api}:${operation}`);
