// Values by unit as colours of the map: by the codes that units already carry in their tiles, so that
// a new value is painted without a tile being fetched.

import type {
    ExpressionSpecification, FilterSpecification, LayerSpecification,
} from '@maplibre/maplibre-gl-style-spec';
import type { Theme } from './address';
import type { UnitLevel, UnitValue } from './types';

const ramps: Record<Theme, readonly string[]> = {
    light: ['#E8F7F5', '#A0D0CB', '#4FA29C', '#1C7670', '#05403C'],
    dark: ['#1C3A36', '#22695A', '#2E9A7E', '#74CBA9', '#D2F5E3'],
};
const unknown: Record<Theme, string> = { light: '#767D87', dark: '#66727E' };

/// One colour a class, spread over the ramp.
export function colours(classes: number, theme: Theme): string[] {
    const ramp = ramps[theme];
    if (classes <= 1) return [ramp[2]!];
    return Array.from({ length: classes }, (_, i) => ramp[Math.round(i * (ramp.length - 1) / (classes - 1))]!);
}

/// The class of a value: how many bounds it reaches.
export const classOf = (value: number, bounds: readonly number[]): number => bounds.filter(bound => bound <= value).length;

/// Units of a level that exist on the map's day.
export function unitsOf(level: UnitLevel): FilterSpecification {
    const text = (name: string) => ['to-string', ['coalesce', ['get', name], '']];
    return ['all', ['==', ['get', 'level'], level], ['<=', text('valid_from'), ['global-state', 'on']],
        ['any', ['!', ['to-boolean', ['get', 'valid_to']]], ['>=', text('valid_to'), ['global-state', 'on']]]] as unknown as FilterSpecification;
}

/// Fill and border of units by their values; what has no value is drawn in the colour of no data.
export function choropleth(
    values: readonly UnitValue[], bounds: readonly number[], level: UnitLevel, theme: Theme,
): LayerSpecification[] {
    const ramp = colours(bounds.length + 1, theme);
    const byColour = new Map<string, string[]>();
    for (const { code, value } of values) {
        if (value === null) continue;
        const colour = ramp[classOf(value, bounds)]!;
        byColour.set(colour, [...(byColour.get(colour) ?? []), code]);
    }
    const cases = [...byColour].flatMap(([colour, codes]) => [codes, colour]);
    const fill = cases.length > 0
        ? ['match', ['get', 'code'], ...cases, 'rgba(0, 0, 0, 0)'] as unknown as ExpressionSpecification : 'rgba(0, 0, 0, 0)';
    const common = { source: 'places', 'source-layer': 'places', filter: unitsOf(level) };
    return [
        { id: 'indicator-fill', type: 'fill', ...common, paint: { 'fill-color': fill, 'fill-opacity': 0.85 } },
        {
            id: 'indicator-line', type: 'line', ...common,
            // Borders of communes would hide their colours where they lie close.
            paint: { 'line-color': unknown[theme], 'line-width': level === 'commune' ? ['interpolate', ['linear'], ['zoom'], 6, 0, 9, 0.6] : 0.6 },
        },
    ];
}

/// `layers` with `added` above the last area and below lines and names.
export function above(layers: readonly LayerSpecification[], added: readonly LayerSpecification[]): LayerSpecification[] {
    const last = layers.findLastIndex(layer => layer.type === 'fill' || layer.type === 'background');
    return [...layers.slice(0, last + 1), ...added, ...layers.slice(last + 1)];
}
