import type { Source } from '../source/open-source.js';
import type { PlannedMosaic } from './mosaic-plan.js';
export const planMosaics = async (_: Source, __: AsyncIterable<string>, ___: boolean): Promise<PlannedMosaic[]> => [];
