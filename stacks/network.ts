/** A network of ours, and how a function stands in it. */
export interface Network {
  readonly subnets: $util.Input<$util.Input<string>[]>;
  /** What a function is given as its `vpc`: it may call out, and nobody calls in. */
  readonly functions: {
    readonly privateSubnets: $util.Input<$util.Input<string>[]>;
    readonly securityGroups: $util.Input<string>[];
  };
  /** A security group that lets in functions alone, on one port. */
  fromFunctions(name: string, port: number): aws.ec2.SecurityGroup;
}

/**
 * Two zones, private subnets, and in each a NAT gateway with an address of its own: paid while idle (docs/aws.md). What functions
 * send most of, items and objects, goes by gateway endpoints, free of charge; the rest (Cognito, SQS, EventBridge) by the gateways.
 * Interface endpoints for those three would cost less, and a function that calls a fourth service would wait in vain.
 */
export const network = (): Network => {
  const vpc = new sst.aws.Vpc("Network", {
    az: 2,
    nat: "managed",
    // Whatever is in a group of its own: the one that all fall into lets nothing pass.
    transform: {
      securityGroup: (group) => {
        group.ingress = [];
        group.egress = [];
      },
    },
  });
  const { region } = aws.getRegionOutput();
  for (const service of ["dynamodb", "s3"])
    new aws.ec2.VpcEndpoint(`Network${service === "s3" ? "Objects" : "Items"}`, {
      vpcId: vpc.id,
      vpcEndpointType: "Gateway",
      serviceName: $interpolate`com.amazonaws.${region}.${service}`,
      routeTableIds: vpc.nodes.privateRouteTables.apply((tables) => tables.map(({ id }) => id)),
    });
  const out = new aws.ec2.SecurityGroup("NetworkFunctions", {
    vpcId: vpc.id,
    description: "Functions: they call out, nobody calls in",
    egress: [{ protocol: "-1", fromPort: 0, toPort: 0, cidrBlocks: ["0.0.0.0/0"], description: "Anywhere" }],
  });
  return {
    subnets: vpc.privateSubnets,
    functions: { privateSubnets: vpc.privateSubnets, securityGroups: [out.id] },
    fromFunctions: (name, port) =>
      new aws.ec2.SecurityGroup(name, {
        vpcId: vpc.id,
        description: `Port ${port}, for functions alone`,
        ingress: [
          {
            protocol: "tcp",
            fromPort: port,
            toPort: port,
            securityGroups: [out.id],
            description: "Functions",
          },
        ],
      }),
  };
};
