// What is selected, as every map outlines it.

import { atlas } from '../lib/atlas.svelte';

export const outline = {
    light: { line: '#0B0B0B', halo: '#FFFFFF' },
    dark: { line: '#FFFFFF', halo: '#0B0B0B' },
};

export const selected = (): GeoJSON.FeatureCollection => ({
    type: 'FeatureCollection',
    features: atlas.feature?.geometry ? [{ type: 'Feature', properties: {}, geometry: atlas.feature.geometry }] : [],
});
