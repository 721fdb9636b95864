import { describe, expect, it } from 'vitest';
import { daysBetween, decimal } from '../src/lib/deadline';

describe('days between two days of the calendar', () => {
    it('counts across months, leap days and backwards, and takes no notice of hours', () => {
        expect(daysBetween('2026-11-28', '2026-12-13')).toBe(15);
        expect(daysBetween('2028-02-28', '2028-03-01')).toBe(2);
        expect(daysBetween('2026-12-01', '2026-11-28')).toBe(-3);
        expect(daysBetween('2026-11-28T23:59:00Z', '2026-11-28')).toBe(0);
    });
});

describe('numbers as people write them', () => {
    it('takes a comma or a point, and nothing that could be read in two ways', () => {
        expect(decimal(' 182,4 ')).toBe(182.4);
        expect(decimal('0.5')).toBe(0.5);
        expect(decimal('12')).toBe(12);
        for (const text of ['', '-1', '1.204,5', '1,2,3', '1e3', '182 m2', ',5']) expect(decimal(text), text).toBeNull();
    });
});
