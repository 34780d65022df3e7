/** A stage image as it stands on the engine. */
export interface BuiltImage {
  /** `factory/<kind>:<hash of what went in>`. */
  readonly reference: string;
  readonly id: string;
}
