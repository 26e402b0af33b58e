import proj4 from 'proj4';
import { describe, expect, it, test } from 'vitest';
import { chooseOperation, type DatumOperation } from './datum-operation.js';
import { epsgSystem } from './epsg-table.js';

describe('systems of EPSG', () => {
  it('are definitions that proj4 takes, and operations', () => {
    const codes = Array.from({ length: 65_536 }, (_, code) => code).filter((code) => epsgSystem(code) !== undefined);
    expect(codes).toHaveLength(6019);
    // one of each twenty, and what has a definition here
    for (const code of [...codes.filter((_, i) => i % 20 === 0), 3031, 2053, 3857, 5514]) {
      const { definition, scale, operations } = epsgSystem(code)!;
      expect(scale).toBeGreaterThan(0);
      expect(operations.length).toBeGreaterThan(0);
      for (const { shift, area, accuracy } of operations) {
        expect(shift).toMatch(/^(?:-?[\d.e-]+(?:,-?[\d.e-]+){2}(?:(?:,-?[\d.e-]+){4})?)?$/);
        expect([...area, accuracy].every(Number.isFinite)).toBe(true);
        expect(area[1]).toBeLessThanOrEqual(area[3]);
        expect(proj4(shift ? `${definition} +towgs84=${shift}` : definition, 'WGS84').forward).toBeTypeOf('function');
      }
    }
  });

  it('has every zone of UTM', () => {
    for (let zone = 1; zone <= 60; zone++) {
      for (const [first, south] of [
        [32600, ''],
        [32700, ' +south'],
      ] as const) {
        const { definition } = epsgSystem(first + zone)!;
        const utm = proj4(`+proj=utm +zone=${zone}${south} +ellps=WGS84`, 'WGS84');
        const [x, y] = proj4(definition, 'WGS84').inverse([6 * zone - 182, south ? -30 : 30]);
        expect(utm.forward([x!, y!])).toEqual([expect.closeTo(6 * zone - 182, 9), expect.closeTo(south ? -30 : 30, 9)]);
      }
    }
  });

  it.each([0, 1, 4978, 5773, 6247, 32767, 65535])('does not know %i', (code) => {
    expect(epsgSystem(code)).toBeUndefined();
  });
});

describe('of several operations', () => {
  const operation = (accuracy: number, ...area: [number, number, number, number]): DatumOperation => ({
    shift: `${accuracy}`,
    area,
    accuracy,
  });
  const rough = operation(10, -180, -90, 180, 90);
  const here = operation(2, 5, 45, 10, 50);
  const ballpark = operation(-1, -180, -90, 180, 90);

  test('the most accurate is taken where it is meant for, else the first', () => {
    expect(chooseOperation([rough, here], 7, 47)).toBe(here);
    expect(chooseOperation([rough, here], 20, 47)).toBe(rough);
    expect(chooseOperation([here, operation(2, 0, 0, 90, 90)], 7, 47)).toBe(here);
    expect(chooseOperation([here], 20, 47)).toBe(here);
    expect(chooseOperation([here, ballpark], 20, 47)).toBe(ballpark);
    expect(chooseOperation([ballpark, here], 7, 47)).toBe(here);
  });

  test('areas lead across 180°', () => {
    const pacific = operation(1, 170, -50, -170, 0);
    expect(chooseOperation([rough, pacific], 175, -10)).toBe(pacific);
    expect(chooseOperation([rough, pacific], -175, -10)).toBe(pacific);
    expect(chooseOperation([rough, pacific], 0, -10)).toBe(rough);
  });
});
