/** A pattern that EventBridge would refuse; the message is AWS's reason. */
export class InvalidPattern extends Error {
  override readonly name = "InvalidPattern";
}
