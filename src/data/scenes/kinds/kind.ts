import type { Composition } from '../composition.js';

/** How scenes of a kind are drawn and spoken of. */
export interface Kind {
  /** The scene as a whole, such as `an airport`; undefined where what crosses the picture is the scene. */
  readonly setting: string | undefined;
  /** Where its things are, such as `at the airport`. */
  readonly within: string | undefined;
  /**
   * Puts ground and groups into an empty composition, the most striking first.
   * @returns false when there was no room for what the kind needs: the caller tries again
   */
  compose(scene: Composition): boolean;
}
