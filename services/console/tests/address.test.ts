import { describe, expect, it } from 'vitest';
import { parse, print, type Address } from '../src/lib/address';

describe('address', () => {
    const full: Address = {
        view: { zoom: 11.25, lat: 18.343, lon: 105.905 },
        layers: { places: 1, parcels: 0.6 },
        selection: { collection: 'places', fid: 4503599627370497 },
        era: 'before', coordinates: 'vn2000:9209', lang: 'en', theme: 'dark',
    };

    it('reads back what it wrote', () => {
        expect(parse(print(full))).toEqual(full);
        expect(parse(print({ layers: {} }))).toEqual({ layers: {} });
        expect(parse(print({}))).toEqual({});
    });

    it('leaves out what is broken, and keeps the rest', () => {
        expect(parse('#map=11/95/200&lang=fr&theme=dark&select=places/x&crs=4326&layers=a:2,<b>,rivers:0.5'))
            .toEqual({ theme: 'dark', layers: { rivers: 0.5 } });
        expect(parse('#map=abc')).toEqual({});
        expect(parse('')).toEqual({});
    });
});
