// The package's own declarations are of another module name, and not found by its import condition.
declare module 'geotiff-geokeys-to-proj4' {
  export interface ProjectionParameters {
    /** A PROJ string. */
    readonly proj4: string;
    /** Factors from a system's units to those of the string, degrees or metres. */
    readonly coordinatesConversionParameters: { readonly x: number; readonly y: number; readonly z: number };
    /** By what is wrong; empty where nothing is. */
    readonly errors: Readonly<Record<string, unknown>>;
  }
  export function toProj4(geoKeys: Readonly<Record<string, unknown>>): ProjectionParameters;
}
