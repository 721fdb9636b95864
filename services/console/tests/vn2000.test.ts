import { describe, expect, it } from 'vitest';
import { meridianName, toVn2000, zones } from '../src/lib/vn2000';

describe('VN-2000', () => {
    // PROJ 9.1.1 with the pinned EPSG:6960 pipeline; one point in each of five provinces.
    it.each([
        [9213, 22.147, 105.835, 431212.185, 2450092.490],
        [5897, 20.541, 105.914, 595113.670, 2272407.008],
        [9215, 21.853, 106.761, 449262.451, 2417472.355],
        [9208, 22.486, 103.971, 419646.483, 2487683.647],
        [9209, 18.343, 105.905, 542607.945, 2028900.590],
    ])('EPSG:%i agrees with PROJ to a millimetre', (epsg, lat, lon, east, north) => {
        const point = toVn2000(lon, lat, epsg);
        expect(Math.abs(point.east - east)).toBeLessThan(0.001);
        expect(Math.abs(point.north - north)).toBeLessThan(0.001);
    });

    it('names every zone by its meridian', () => {
        expect(Object.keys(zones)).toHaveLength(18);
        expect(meridianName(9208)).toBe('104°45′');
        expect(meridianName(5896)).toBe('102°00′');
    });

    it('refuses a code that is no zone', () => {
        expect(() => toVn2000(105, 18, 4326)).toThrow(RangeError);
    });
});
