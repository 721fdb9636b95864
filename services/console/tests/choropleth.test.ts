import { describe, expect, it } from 'vitest';
import { above, choropleth, classOf, colours } from '../src/lib/choropleth';

const value = (code: string, number: number | null) => ({
    code, name: code, value: number, low: 0, high: 9, standing: 'exact' as const,
});

describe('choropleth', () => {
    it('puts a value that equals a bound into the class above it', () => {
        expect([1, 2, 3, 9].map(v => classOf(v, [2, 3]))).toEqual([0, 1, 2, 2]);
    });

    it('spreads classes over the whole ramp', () => {
        expect(colours(5, 'light')).toEqual(['#E8F7F5', '#A0D0CB', '#4FA29C', '#1C7670', '#05403C']);
        expect(colours(2, 'dark')).toEqual(['#1C3A36', '#D2F5E3']);
        expect(colours(1, 'light')).toEqual(['#4FA29C']);
    });

    it('paints units by their codes and leaves out what is only a range', () => {
        const [fill] = choropleth([value('01', 1), value('02', 5), value('04', null)], [2], 'province', 'light');
        expect(fill!.paint).toMatchObject({
            'fill-color': ['match', ['get', 'code'], ['01'], '#E8F7F5', ['02'], '#05403C', 'rgba(0, 0, 0, 0)'],
        });
    });

    it('lies above areas and below lines and names', () => {
        const layers = ['background', 'fill', 'line', 'fill', 'symbol'].map((type, i) => ({ id: String(i), type })) as never[];
        expect(above(layers, [{ id: 'x' } as never]).map(layer => layer.id)).toEqual(['0', '1', '2', '3', 'x', '4']);
    });
});
