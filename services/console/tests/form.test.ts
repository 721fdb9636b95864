import { describe, expect, it } from 'vitest';
import { asHeader, asInput, changed, fromInput, newKey } from '../src/lib/form';
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
