import type { SceneKind } from '../description.js';
import { airport } from './airport.js';
import { industrial } from './industrial.js';
import type { Kind } from './kind.js';
import { meadow } from './meadow.js';
import { ocean } from './ocean.js';
import { residential } from './residential.js';
import { river } from './river.js';
import { runway } from './runway.js';

export const kinds: Readonly<Record<SceneKind, Kind>> = {
  residential,
  airport,
  meadow,
  river,
  ocean,
  industrial,
  runway,
};
