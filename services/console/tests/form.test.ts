import { describe, expect, it } from 'vitest';
import { asHeader, asInput, changed, fromInput, movable, newKey, shapeOf } from '../src/lib/form';
import type { Field } from '../src/lib/types';

const field = (type: Field['type'], name: string = type): Field => ({
    name, type, title: name, titles: { vi: name, en: name }, tile: false, personal: false, required: false,
});

describe('what a form holds', () => {
    it('writes numbers with a comma in Vietnamese and reads either mark', () => {
        expect(asInput(field('number'), 12.5, 'vi')).toBe('12,5');
        expect(asInput(field('number'), 12.5, 'en')).toBe('12.5');
        expect(fromInput(field('number'), '12,5')).toBe(12.5);
        expect(fromInput(field('number'), '-0.25')).toBe(-0.25);
        expect(fromInput(field('integer'), ' 7 ')).toBe(7);
    });
    it('leaves what is no number to the server', () => {
        for (const typed of ['1.204,5', 'mười', '0x10', '1,2,3']) expect(fromInput(field('number'), typed)).toBe(typed);
    });
    it('shows instants by Vietnam’s clock and sends them with its offset', () => {
        expect(asInput(field('timestamp'), '2025-11-21T17:05:30Z', 'vi')).toBe('2025-11-22T00:05:30');
        expect(fromInput(field('timestamp'), '2025-11-22T00:05')).toBe('2025-11-22T00:05:00+07:00');
    });
    it('takes an empty input for no value', () => {
        for (const type of ['text', 'integer', 'number', 'boolean', 'date', 'timestamp'] as const) {
            expect(fromInput(field(type), '  ')).toBeNull();
        }
    });
});

describe('what of it is a change', () => {
    it('names only what was touched, so that microseconds and digits not shown stay', () => {
        const fields = [field('timestamp', 'at'), field('number', 'area'), field('text', 'name'), field('boolean', 'open')];
        const base = { at: '2025-11-21T17:05:30.123456Z', area: 0.1 + 0.2, name: 'Ô 1', open: true };
        const inputs = Object.fromEntries(fields.map(one => [one.name, asInput(one, base[one.name as 'at'], 'vi')]));
        expect(changed(fields, base, inputs, 'vi')).toEqual({});
        expect(changed(fields, base, { ...inputs, name: '', open: 'false' }, 'vi')).toEqual({ name: null, open: false });
    });
});

describe('what goes into header fields', () => {
    it('is plain ASCII that decodes to what was typed, in NFC', () => {
        const header = asHeader('Đo lại 100%'.normalize('NFD'));
        expect(header).toMatch(/^[\x21-\x7e]+$/);
        expect(decodeURIComponent(header)).toBe('Đo lại 100%');
        expect(newKey()).toMatch(/^[0-9a-f]{32}$/);
        expect(newKey()).not.toBe(newKey());
    });
});

describe('a shape that is drawn corner by corner', () => {
    const corners: [number, number][] = [[105, 18], [106, 18], [106, 19]];
    it('is none as long as there are too few', () => {
        expect(shapeOf('point', [])).toBeNull();
        expect(shapeOf('line', corners.slice(0, 1))).toBeNull();
        expect(shapeOf('polygon', corners.slice(0, 2))).toBeNull();
        expect(shapeOf('none', corners)).toBeNull();
    });
    it('is the last point, the line through all, the closed area', () => {
        expect(shapeOf('point', corners)).toEqual({ type: 'Point', coordinates: [106, 19] });
        expect(shapeOf('line', corners)).toEqual({ type: 'LineString', coordinates: corners });
        expect(shapeOf('polygon', corners)).toEqual({ type: 'Polygon', coordinates: [[...corners, [105, 18]]] });
    });
    it('can be moved afterwards; areas with holes cannot', () => {
        for (const kind of ['point', 'line', 'polygon'] as const) expect(movable(shapeOf(kind, corners))).toBe(true);
        const ring = [...corners, corners[0]!];
        expect(movable({ type: 'Polygon', coordinates: [ring, ring] })).toBe(false);
        expect(movable(null)).toBe(false);
    });
});
