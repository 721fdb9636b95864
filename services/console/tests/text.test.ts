import { describe, expect, it } from 'vitest';
import { catalogue, message, type Key } from '../src/lib/messages';
import { nameOf } from '../src/lib/naming';
import { position } from '../src/lib/text';

describe('search text', () => {
    it('reads coordinates, latitude first, with point or comma', () => {
        expect(position('18.343, 105.905')).toEqual([105.905, 18.343]);
        expect(position('18,343 105,905')).toEqual([105.905, 18.343]);
        expect(position('18.343; 105.905')).toEqual([105.905, 18.343]);
    });

    it('takes nothing else for coordinates', () => {
        for (const text of ['Cẩm Duệ', 'tờ 2 thửa 15', '105.905, 18.343', '18.343', '2 15 7']) {
            expect(position(text)).toBeNull();
        }
    });
});

describe('sentences', () => {
    it('uses the same blanks in both languages, and composed letters', () => {
        for (const key of Object.keys(catalogue.vi) as Key[]) {
            const blanks = (text: string) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
            expect(blanks(catalogue.en[key]), key).toEqual(blanks(catalogue.vi[key]));
            expect(catalogue.vi[key]).toBe(catalogue.vi[key].normalize('NFC'));
        }
    });

    it('words the states as the design does', () => {
        expect(message('vi', 'map.loading', { n: 3, m: 5 })).toBe('Đang tải 3/5 lớp…');
        expect(message('vi', 'link.stale', { t: '14:05', m: 47, h: 10 })).toBe('Lúc 14:05, cách đây 47 phút (hạn 10 phút)');
        expect(message('vi', 'link.offline', { s: 42, t: '14:05' })).toBe('Mất kết nối 42 giây. Giữ hình 14:05');
        expect(message('vi', 'file.noright')).toBe('Bạn không có quyền xem trường này');
    });
});

describe('names', () => {
    it('calls a parcel by number and sheet, a place by its full name, the rest by record', () => {
        expect(nameOf({ id: 'parcels', labelField: 'parcel_number' }, { parcel_number: 15, sheet: 2 }, 9, 'Thửa đất', 'vi'))
            .toBe('Thửa đất số 15, tờ bản đồ số 2');
        expect(nameOf({ id: 'places', labelField: 'name' }, { name: 'Cẩm Duệ', full_name: 'Xã Cẩm Duệ' }, 9, 'Đơn vị', 'vi'))
            .toBe('Xã Cẩm Duệ');
        expect(nameOf(undefined, {}, 9, 'Camera', 'vi')).toBe('Camera số 9');
    });
});
