// The map style as a function of its tokens: which collection is drawn how, in which order.
// A source is named as its collection; a client drops the sources its server does not list.

import { landUse, widths } from './tokens.mjs';

const grow = ([z0, w0, z1, w1]) => ['interpolate', ['exponential', 1.4], ['zoom'], z0, w0, z1, w1];

/// Valid on the day in the global state `on`: both days included.
const inForce = [
    'all',
    ['<=', ['to-string', ['coalesce', ['get', 'valid_from'], '']], ['global-state', 'on']],
    ['any',
        ['!', ['to-boolean', ['get', 'valid_to']]],
        ['>=', ['to-string', ['coalesce', ['get', 'valid_to'], '']], ['global-state', 'on']]],
];

const level = name => ['all', ['==', ['get', 'level'], name], inForce];

const regular = { 'text-font': ['Noto Sans Regular'] };
const strong = { 'text-font': ['Noto Sans SemiBold'] };

const matchLandUse = (colourOf) => {
    const listed = landUse.filter(([, codes]) => codes.length > 0);
    const rest = landUse.find(([, codes]) => codes.length === 0);
    return ['match', ['get', 'land_use'],
        ...listed.flatMap(([colour, codes]) => [codes, colourOf(colour)]), colourOf(rest[0])];
};

const numbered = (field, values) => ['match', ['to-number', ['get', field], 0],
    ...values.flatMap((value, i) => [i + 1, value]), values[0]];

/// States as the registers write them; what is not listed counts as live, or as new.
const deviceState = ['match', ['get', 'status'],
    'silent', 'silent', ['maintenance', 'inactive'], 'hollow', 'full'];
const workState = ['match', ['get', 'status'],
    ['investigating', 'planned', 'in_progress'], 'half',
    ['fixed', 'duplicate', 'not_responsible', 'unable_to_fix'], 'hollow', 'full'];

const caseState = ['match', ['get', 'state'],
    ['new', 'assigned'], 'full', ['inspected', 'decided'], 'half', 'hollow'];

const damState = ['match', ['get', 'status'],
    'operating', 'full', 'building', 'half', ['planned', 'suspended', 'cancelled'], 'hollow', 'full'];

/// No icon is dropped for lack of room; over a whole country they are drawn smaller.
const everyIcon = {
    'icon-allow-overlap': true,
    'icon-ignore-placement': false,
    'icon-size': ['interpolate', ['linear'], ['zoom'], 5, 0.5, 8, 0.75, 11, 1],
};

/// Points that the server has clustered, below the native zoom of their collection, carry a count.
const one = ['!', ['has', 'count']];

/// Size factor that makes a 64-px sector cover `range_m` metres on the ground at 17° N.
const sectorScale = zoom => (512 * 2 ** zoom) / (40075016.686 * Math.cos((17 * Math.PI) / 180)) / 64;

export function style(id, name, t, sea, fonts) {
    const sources = Object.fromEntries(collections.map(c => [
        c, { type: 'vector', url: `{origin}/tiles/${c}.json` },
    ]));
    const halo = { 'text-halo-color': t.halo, 'text-halo-width': 1.5 };
    const layer = (collection, suffix, type, rest) => ({
        id: suffix ? `${collection}-${suffix}` : collection,
        type,
        source: collection,
        'source-layer': rest.points ? `${collection}_label` : collection,
        ...Object.fromEntries(Object.entries(rest).filter(([key]) => key !== 'points')),
    });
    const hidden = { visibility: 'none' };
    /// An alert that is over leaves the map.
    const standing = ['match', ['get', 'state'], ['closed', 'expired'], false, true];
    /// The icon of a point, and where many stand together a disc, as large as the root of how many.
    const points = (collection, rest) => [
        layer(collection, '', 'symbol', { filter: one, ...rest }),
        layer(collection, 'cluster', 'circle', {
            filter: ['has', 'count'],
            paint: {
                'circle-radius': ['interpolate', ['linear'], ['sqrt', ['get', 'count']], 1, 14, 30, 26],
                'circle-color': t.surface,
                'circle-stroke-color': t.label,
                'circle-stroke-width': 1.5,
            },
        }),
        layer(collection, 'cluster-count', 'symbol', {
            filter: ['has', 'count'],
            layout: {
                ...strong, 'text-field': ['to-string', ['get', 'count']], 'text-size': 12,
                'text-allow-overlap': true,
            },
            paint: { 'text-color': t.label },
        }),
    ];
    const synthetic = (collection, filter) => layer(collection, 'synthetic', 'fill', {
        ...(filter ? { filter } : {}),
        metadata: { 'diaban:synthetic': true },
        layout: hidden,
        paint: { 'fill-pattern': 'hatch-synthetic' },
    });

    return {
        version: 8,
        name,
        metadata: {
            'diaban:theme': id,
            'diaban:plain': { colours: t.plain, label: t.label, halo: t.halo },
        },
        center: [105.9, 18.34],
        zoom: 8.6,
        state: { on: { default: '2025-07-01' } },
        sprite: `{origin}/styles/sprite-${id}`,
        'font-faces': fonts,
        sources: { sea: { type: 'geojson', data: sea }, ...sources },
        layers: [
            { id: 'beyond', type: 'background', paint: { 'background-color': t.beyond } },
            layer('places', 'land', 'fill', {
                filter: level('province'),
                paint: { 'fill-color': t.land, 'fill-antialias': false },
            }),
            layer('protected_areas', 'fill', 'fill', {
                paint: { 'fill-color': t.natureFill, 'fill-opacity': 0.4 },
            }),
            layer('protected_areas', 'hatch', 'fill', { paint: { 'fill-pattern': 'hatch-nature' } }),
            layer('parcels', 'fill', 'fill', {
                paint: { 'fill-color': matchLandUse(c => c), 'fill-opacity': t.landUseFill },
            }),
            synthetic('parcels'),
            layer('reservoirs', 'fill', 'fill', { paint: { 'fill-color': t.water } }),
            layer('reservoirs', 'edge', 'line', { paint: { 'line-color': t.river, 'line-width': 1 } }),
            layer('parcels', 'edge', 'line', {
                paint: {
                    'line-color': t.parcel,
                    'line-width': grow(widths.parcel),
                    'line-opacity': ['interpolate', ['linear'], ['zoom'], 12, 0.35, 15, 0.9],
                },
            }),
            layer('protected_areas', 'edge', 'line', {
                paint: { 'line-color': t.nature, 'line-width': 1.2, 'line-dasharray': [4, 2] },
            }),
            layer('coast', '', 'line', {
                paint: { 'line-color': t.coast, 'line-width': grow([6, 0.8, 14, 2]) },
            }),
            layer('rivers', '', 'line', {
                layout: { 'line-cap': 'round', 'line-join': 'round' },
                paint: { 'line-color': t.river, 'line-width': grow(widths.river) },
            }),
            layer('streets', 'edge', 'line', {
                layout: { 'line-cap': 'round', 'line-join': 'round' },
                paint: {
                    'line-color': t.streetEdge,
                    'line-width': grow([13, 1.3, 16, 4.6]),
                },
            }),
            layer('streets', '', 'line', {
                layout: { 'line-cap': 'round', 'line-join': 'round' },
                paint: { 'line-color': t.street, 'line-width': grow(widths.street) },
            }),
            layer('roads', 'edge', 'line', {
                filter: ['!=', ['get', 'kind'], 'railway'],
                layout: { 'line-cap': 'round', 'line-join': 'round' },
                paint: { 'line-color': t.roadEdge, 'line-width': grow([7, 1.5, 15, 8]) },
            }),
            layer('roads', '', 'line', {
                filter: ['!=', ['get', 'kind'], 'railway'],
                layout: { 'line-cap': 'round', 'line-join': 'round' },
                paint: { 'line-color': t.road, 'line-width': grow(widths.road) },
            }),
            layer('roads', 'rail', 'line', {
                filter: ['==', ['get', 'kind'], 'railway'],
                paint: { 'line-color': t.rail, 'line-width': grow([7, 1, 15, 3.4]) },
            }),
            layer('roads', 'sleepers', 'line', {
                filter: ['==', ['get', 'kind'], 'railway'],
                minzoom: 9,
                paint: {
                    'line-color': t.land,
                    'line-width': grow([9, 0.6, 15, 2]),
                    'line-dasharray': [5, 5],
                },
            }),
            layer('places', 'commune', 'line', {
                filter: level('commune'),
                minzoom: 8,
                layout: { 'line-join': 'round' },
                paint: { 'line-color': t.commune, 'line-width': grow(widths.commune) },
            }),
            layer('places', 'district', 'line', {
                filter: level('district'),
                minzoom: 6,
                layout: { 'line-join': 'round' },
                paint: {
                    'line-color': t.province, 'line-width': grow([7, 0.6, 13, 2]),
                    'line-dasharray': [4, 2],
                },
            }),
            layer('places', 'province', 'line', {
                filter: level('province'),
                layout: { 'line-join': 'round' },
                paint: { 'line-color': t.province, 'line-width': grow(widths.province) },
            }),
            layer('disaster_events', 'fill', 'fill', {
                paint: { 'fill-color': numbered('risk_level', t.risk), 'fill-opacity': t.riskFill },
            }),
            synthetic('disaster_events'),
            layer('disaster_events', 'edge', 'line', {
                paint: { 'line-color': numbered('risk_level', t.riskEdge), 'line-width': 1.6 },
            }),
            layer('alerts', 'fill', 'fill', { filter: standing, paint: { 'fill-color': t.danger, 'fill-opacity': 0.08 } }),
            layer('alerts', 'edge', 'line', { filter: standing, paint: { 'line-color': t.danger, 'line-width': 2.4 } }),
            layer('cyclone_tracks', '', 'line', {
                layout: { visibility: 'none', 'line-cap': 'round', 'line-join': 'round' },
                paint: {
                    'line-color': t.storm, 'line-width': grow(widths.track), 'line-opacity': 0.7,
                },
            }),
            layer('cyclone_fixes', 'point', 'circle', {
                layout: { visibility: 'none' },
                paint: {
                    'circle-color': t.storm, 'circle-opacity': 0.8,
                    'circle-radius': ['interpolate', ['linear'], ['zoom'], 4, 1.5, 10, 4],
                },
            }),
            layer('storm_dangers', 'fill', 'fill', {
                layout: { visibility: 'none' }, paint: { 'fill-color': t.storm, 'fill-opacity': 0.06 },
            }),
            layer('storm_dangers', 'edge', 'line', {
                layout: { visibility: 'none' },
                paint: { 'line-color': t.storm, 'line-width': 1.6, 'line-dasharray': [3, 2] },
            }),
            layer('storm_fixes', 'point', 'circle', {
                layout: { visibility: 'none' },
                paint: { // observed ones are full, forecast ones hollow
                    'circle-radius': 6, 'circle-stroke-width': 2, 'circle-stroke-color': t.storm,
                    'circle-color': t.storm, 'circle-opacity': ['case', ['==', ['get', 'forecast'], true], 0.15, 1],
                },
            }),
            layer('cameras', 'sector', 'symbol', {
                minzoom: 13,
                filter: ['>', ['to-number', ['get', 'range_m'], 0], 0],
                layout: {
                    'icon-image': ['step', ['to-number', ['get', 'field_of_view'], 60],
                        'sector-30', 45, 'sector-60', 75, 'sector-90', 105, 'sector-120', 150,
                        'sector-180', 270, 'sector-360'],
                    'icon-size': ['interpolate', ['exponential', 2], ['zoom'],
                        13, ['*', sectorScale(13), ['to-number', ['get', 'range_m'], 0]],
                        19, ['*', sectorScale(19), ['to-number', ['get', 'range_m'], 0]]],
                    'icon-rotate': ['to-number', ['get', 'azimuth'], 0],
                    'icon-rotation-alignment': 'map',
                    'icon-pitch-alignment': 'map',
                    'icon-allow-overlap': true,
                    'icon-ignore-placement': true,
                },
            }),
            layer('parcels', 'code', 'symbol', {
                points: true,
                minzoom: 15,
                layout: {
                    ...regular,
                    'text-field': ['step', ['zoom'], ['get', 'land_use'],
                        17, ['concat', ['to-string', ['get', 'parcel_number']], '\n', ['get', 'land_use']]],
                    'text-size': 12,
                    'text-line-height': 1.25,
                    'text-padding': 1,
                },
                paint: { 'text-color': t.landUseLabel, ...halo, 'text-halo-width': id === 'light' ? 1 : 1.5 },
            }),
            ...points('dams', {
                layout: { ...everyIcon, 'icon-image': ['concat', 'dam-', damState] },
            }),
            ...points('facilities', {
                layout: {
                    ...everyIcon,
                    'icon-image': ['coalesce',
                        ['image', ['concat', 'facility-', ['get', 'kind']]], ['image', 'facility-other']],
                },
            }),
            ...points('sensors', {
                layout: {
                    ...everyIcon,
                    'icon-image': ['concat',
                        ['match', ['get', 'kind'], ['gauge', 'rain', 'weather', 'water_quality'],
                            ['get', 'kind'], 'weather'],
                        '-', deviceState],
                },
            }),
            ...['vehicles', 'rescue_teams'].flatMap(layer => points(layer, {
                layout: {
                    ...everyIcon, ...strong, 'icon-image': 'vehicle', 'text-field': ['get', 'name'], 'text-size': 12,
                    'text-anchor': 'top', 'text-offset': [0, 0.9], 'text-optional': true,
                },
                paint: { 'text-color': t.label, ...halo },
            })),
            ...points('cameras', {
                layout: { ...everyIcon, 'icon-image': ['concat', 'camera-', deviceState] },
            }),
            ...points('reports', {
                layout: { ...everyIcon, 'icon-image': ['concat', 'report-', workState] },
            }),
            ...points('inspection_cases', {
                layout: { ...everyIcon, 'icon-image': ['concat', 'inspection-', caseState] },
            }),
            ...points('incidents', {
                layout: {
                    ...everyIcon, ...strong, 'icon-image': 'incident-full',
                    'text-field': ['to-string', ['get', 'severity']], 'text-size': 12,
                    'text-optional': true,
                },
                paint: { 'text-color': t.surface },
            }),
            // Far from any province: a known city for trying heat on.
            ...points('incidents_houston', { layout: { ...everyIcon, 'icon-image': 'incident-full' } })
                .map(one => ({ ...one, layout: { ...one.layout, visibility: 'none' } })),
            layer('facilities', 'name', 'symbol', {
                minzoom: 13,
                layout: {
                    ...regular, 'text-field': ['get', 'name'], 'text-size': 12, 'text-anchor': 'top',
                    'text-offset': [0, 0.9], 'text-max-width': 9,
                },
                paint: { 'text-color': t.facility, ...halo },
            }),
            layer('dams', 'name', 'symbol', {
                minzoom: 9,
                layout: {
                    ...regular, 'text-field': ['get', 'name'], 'text-size': 12, 'text-anchor': 'top',
                    'text-offset': [0, 0.8], 'text-max-width': 9,
                },
                paint: { 'text-color': t.structure, ...halo },
            }),
            layer('sensors', 'name', 'symbol', {
                minzoom: 10,
                layout: {
                    ...regular, 'text-field': ['get', 'name'], 'text-size': 12, 'text-anchor': 'top',
                    'text-offset': [0, 0.8], 'text-max-width': 9,
                },
                paint: { 'text-color': t.riverLabel, ...halo },
            }),
            layer('streets', 'name', 'symbol', {
                minzoom: 14,
                layout: {
                    ...regular, 'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-size': 12,
                },
                paint: { 'text-color': t.label, ...halo },
            }),
            layer('roads', 'name', 'symbol', {
                minzoom: 9,
                layout: {
                    ...regular, 'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-size': 12,
                    'symbol-spacing': 400,
                },
                paint: { 'text-color': t.roadLabel, ...halo },
            }),
            layer('rivers', 'name', 'symbol', {
                minzoom: 8,
                layout: {
                    ...regular, 'symbol-placement': 'line', 'text-field': ['get', 'name'], 'text-size': 13,
                    'symbol-spacing': 320, 'text-letter-spacing': 0.04,
                },
                paint: { 'text-color': t.riverLabel, ...halo },
            }),
            layer('reservoirs', 'name', 'symbol', {
                points: true,
                minzoom: 9,
                layout: { ...regular, 'text-field': ['get', 'name'], 'text-size': 12, 'text-max-width': 8 },
                paint: { 'text-color': t.riverLabel, ...halo },
            }),
            layer('protected_areas', 'name', 'symbol', {
                points: true,
                minzoom: 7,
                layout: { ...regular, 'text-field': ['get', 'name'], 'text-size': 12, 'text-max-width': 9 },
                paint: { 'text-color': t.nature, ...halo },
            }),
            layer('cyclone_tracks', 'name', 'symbol', {
                minzoom: 5,
                layout: {
                    ...hidden, ...regular, 'symbol-placement': 'line', 'text-field': ['get', 'name'],
                    'text-size': 12, 'symbol-spacing': 420,
                },
                paint: { 'text-color': t.storm, ...halo },
            }),
            layer('places', 'commune-name', 'symbol', {
                points: true,
                filter: level('commune'),
                minzoom: 8.75, // z9, and a whole province on a screen of 1440 px
                layout: {
                    ...regular, 'text-field': ['get', 'name'], 'text-max-width': 7,
                    'text-size': ['interpolate', ['linear'], ['zoom'], 9, 12, 13, 15],
                },
                paint: { 'text-color': t.label, ...halo },
            }),
            layer('places', 'district-name', 'symbol', {
                points: true,
                filter: level('district'),
                minzoom: 7.5,
                layout: {
                    ...regular, 'text-field': ['get', 'name'], 'text-max-width': 8,
                    'text-size': ['interpolate', ['linear'], ['zoom'], 8, 12, 12, 15],
                },
                paint: { 'text-color': t.label, ...halo },
            }),
            layer('places', 'province-name', 'symbol', {
                points: true,
                filter: level('province'),
                minzoom: 5,
                maxzoom: 10.5,
                layout: {
                    ...strong, 'text-field': ['get', 'name'], 'text-max-width': 8,
                    'text-size': ['interpolate', ['linear'], ['zoom'], 5, 12, 9, 16],
                },
                paint: { 'text-color': t.province, ...halo },
            }),
            {
                id: 'sea-islands', type: 'circle', source: 'sea',
                filter: ['==', ['get', 'kind'], 'islands'], maxzoom: 11,
                paint: {
                    'circle-radius': ['interpolate', ['linear'], ['zoom'], 3, 0.9, 9, 2.2],
                    'circle-color': t.province,
                },
            },
            {
                id: 'sea-name', type: 'symbol', source: 'sea',
                filter: ['==', ['get', 'kind'], 'sea'],
                layout: {
                    ...regular, 'text-field': ['get', 'name'], 'text-size': 16, 'text-letter-spacing': 0.12,
                    'text-allow-overlap': true, 'text-ignore-placement': true,
                },
                paint: { 'text-color': t.riverLabel, ...halo },
            },
            {
                id: 'archipelago-name', type: 'symbol', source: 'sea',
                filter: ['==', ['get', 'kind'], 'archipelago'],
                layout: {
                    ...strong, 'text-field': ['get', 'name'], 'text-size': 13, 'text-max-width': 8,
                    'text-allow-overlap': true, 'text-ignore-placement': true,
                },
                paint: { 'text-color': t.province, ...halo },
            },
            layer('disaster_events', 'name', 'symbol', {
                points: true,
                layout: {
                    ...strong,
                    'text-field': ['concat', ['to-string', ['get', 'risk_level']], '\n', ['get', 'name']],
                    'text-size': 13, 'text-max-width': 9,
                    // Beside a call that lies in the middle of the area.
                    'text-variable-anchor': ['center', 'top', 'bottom', 'left', 'right'], 'text-radial-offset': 1.2,
                },
                paint: { 'text-color': t.label, ...halo },
            }),
            // Above all names of areas: what lies above is placed first, and a name gives way to a call.
            ...points('rescue_calls', {
                filter: ['all', one, ['match', ['get', 'state'], ['new', 'assigned'], true, false]],
                layout: {
                    ...everyIcon, ...strong, 'icon-image': 'incident-full',
                    'text-field': ['to-string', ['get', 'priority']], 'text-size': 12,
                    'text-allow-overlap': true, 'text-ignore-placement': true, // no call without its figure
                    'symbol-sort-key': ['-', ['to-number', ['get', 'priority'], 4]], // the most urgent above
                },
                paint: { 'text-color': t.surface },
            }),
            layer('storm_fixes', 'name', 'symbol', {
                layout: {
                    ...hidden, ...strong, 'text-field': ['to-string', ['get', 'level_until']],
                    'text-size': 12, 'text-anchor': 'left', 'text-offset': [0.9, 0],
                },
                paint: { 'text-color': t.storm, ...halo },
            }),
            layer('alerts', 'name', 'symbol', {
                points: true, filter: standing,
                layout: {
                    ...strong, 'icon-image': 'alert', 'icon-allow-overlap': true,
                    'text-field': ['coalesce', ['get', 'headline'], ['get', 'event']], 'text-size': 13,
                    'text-anchor': 'top', 'text-offset': [0, 1.1], 'text-optional': true,
                },
                paint: { 'text-color': t.danger, ...halo },
            }),
        ],
    };
}

export const collections = [
    'places', 'parcels', 'rivers', 'reservoirs', 'dams', 'protected_areas', 'coast', 'roads', 'streets',
    'facilities', 'cameras', 'reports', 'inspection_cases', 'incidents', 'sensors', 'vehicles', 'rescue_teams', 'rescue_calls', 'disaster_events', 'alerts',
    'cyclone_tracks', 'cyclone_fixes', 'storm_dangers', 'storm_fixes', 'incidents_houston',
];
