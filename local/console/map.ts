/** A box on the map. `id` is the ARN that spans name. */
export interface MapNode {
  readonly id: string;
  readonly type: string;
  readonly label: string;
  readonly group: string;
  /** File that declares or implements it. */
  readonly file?: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** An arrow on the map: who calls or feeds whom. */
export interface MapEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly label?: string;
}

/** Boxes and arrows, not yet placed. */
export interface Topology {
  readonly nodes: readonly MapNode[];
  readonly edges: readonly MapEdge[];
}
