import { describe, expect, it } from 'vitest';
import {
    clock, coordinates, dateTime, day, fieldValue, isoDay, length, metresPerPixel, number, scaleBar,
} from '../src/lib/format';
import type { Field } from '../src/lib/types';

const field = (rest: Partial<Field>): Field => ({
    name: 'x', type: 'text', title: 'x', titles: { vi: 'x', en: 'x' }, tile: false, personal: false,
    required: false, ...rest,
});

describe('numbers and times', () => {
    it('writes figures as each language does', () => {
        expect(number(1204, 'vi')).toBe('1.204');
        expect(number(860000, 'en')).toBe('860,000');
        expect(number(0.94, 'vi', 2)).toBe('0,94');
    });

    it('shows every instant on the clock of Vietnam', () => {
        const instant = new Date('2025-11-21T07:05:00Z');
        expect(dateTime(instant)).toBe('21/11/2025 14:05');
        expect(clock(new Date('2025-11-21T17:30:00Z'))).toBe('00:30');
        expect(isoDay(new Date('2025-06-30T18:00:00Z'))).toBe('2025-07-01');
    });

    it('leaves a calendar day in no time zone', () => {
        expect(day('2025-07-01')).toBe('01/07/2025');
    });
});

describe('values of a record', () => {
    it('adds units, names codes, and says nothing of what is unknown', () => {
        expect(fieldValue(field({ type: 'number', unit: 'm2' }), 2028.5, 'vi')).toBe('2.028,5 m²');
        expect(fieldValue(field({ type: 'integer', unit: 'people' }), 8401, 'vi')).toBe('8.401 người');
        expect(fieldValue(field({ type: 'number', unit: 'deg' }), 45, 'vi')).toBe('45°');
        expect(fieldValue(field({ codes: [{ code: 'LUC', titles: { vi: 'Đất chuyên trồng lúa', en: 'Wet rice' } }] }), 'LUC', 'vi'))
            .toBe('Đất chuyên trồng lúa (LUC)');
        expect(fieldValue(field({}), null, 'vi')).toBe('');
        expect(fieldValue(field({ type: 'integer' }), 0, 'vi')).toBe('0');
    });

    it('composes decomposed letters', () => {
        expect(fieldValue(field({}), 'Cẩm Duệ'.normalize('NFD'), 'vi')).toBe('Cẩm Duệ');
    });
});

describe('positions', () => {
    it('writes WGS 84 and VN-2000, with Vietnamese letters and order', () => {
        expect(coordinates([105.905, 18.343], 'dms', 'vi')).toBe('18°20′34,8″B 105°54′18,0″Đ');
        expect(coordinates([105.905, 18.343], 'decimal', 'en')).toBe('18.34300° N  105.90500° E');
        expect(coordinates([105.905, 18.343], 'vn2000:9209', 'vi')).toBe('X 2.028.900,6  Y 542.607,9');
    });

    it('never writes sixty seconds', () => {
        expect(coordinates([105.99999999, 18], 'dms', 'vi')).toBe('18°00′00,0″B 106°00′00,0″Đ');
    });
});

describe('scale bar', () => {
    it('takes the longest round length that fits', () => {
        for (const perPixel of [0.07, 0.3, 1, 4.7, 38, 611, 9000]) {
            const { metres, width } = scaleBar(perPixel, 110);
            expect(width).toBeLessThanOrEqual(110);
            expect(width).toBeGreaterThan(110 / 2.6);
            expect(String(metres)).toMatch(/^(0\.)?0*[125]0*$/);
        }
        expect(length(2000, 'vi')).toBe('2 km');
        expect(length(500, 'vi')).toBe('500 m');
    });

    it('knows the ground length of a pixel', () => {
        expect(metresPerPixel(0, 0)).toBeCloseTo(78271.517, 2);
        expect(metresPerPixel(60, 10)).toBeCloseTo(38.2185, 3);
    });
});
