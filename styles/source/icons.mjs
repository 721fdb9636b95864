// Shape is kind, fill is state: full = live or new, half = under way, hollow = closed, hollow and
// dashed = silent. Each icon is drawn here as SVG in its nominal size in px; the pictograms inside
// the squares are Maki (CC0).

const drawing = (size, body) =>
    `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" `
    + `viewBox="0 0 ${size} ${size}">${body}</svg>`;

const path = (d, attributes) => `<path d="${d}" ${attributes}/>`;

const polygon = points => `M${points.map(p => p.map(v => +v.toFixed(3)).join(' ')).join('L')}Z`;

const circle = (c, r) => `M${c - r} ${c}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0Z`;

/// A closed outline in one of the four states; `rim` parts it from the map below.
function shape(size, outline, state, ink, rim) {
    const halo = path(outline, `fill="${rim}" stroke="${rim}" stroke-width="3.4" stroke-linejoin="round"`);
    const edge = (fill, dash = '') => path(
        outline,
        `fill="${fill}" stroke="${ink}" stroke-width="1.8" stroke-linejoin="round"${dash}`);
    if (state === 'full') return drawing(size, halo + edge(ink));
    if (state === 'hollow') return drawing(size, halo + edge(rim));
    if (state === 'silent') return drawing(size, halo + edge(rim, ' stroke-dasharray="2.6 2"'));
    const half = `<clipPath id="h"><rect x="0" y="${size / 2}" width="${size}" height="${size}"/></clipPath>`;
    return drawing(size, half + halo + edge(rim)
        + path(outline, `fill="${ink}" clip-path="url(#h)"`));
}

const outlines = {
    gauge: [20, polygon([[2.5, 3.5], [17.5, 3.5], [10, 17]])],
    rain: [16, circle(8, 5.4)],
    weather: [18, polygon([0, 1, 2, 3, 4, 5].map(i => [
        9 + 6.6 * Math.cos((i * Math.PI) / 3), 9 + 6.6 * Math.sin((i * Math.PI) / 3),
    ]))],
    water_quality: [18, 'M9 2.2C12 6 13.6 8.6 13.6 10.9a4.6 4.6 0 0 1 -9.2 0C4.4 8.6 6 6 9 2.2Z'],
    report: [22, circle(11, 7.6)],
    incident: [18, polygon([[9, 2.2], [15.8, 9], [9, 15.8], [2.2, 9]])],
    inspection: [18, 'M4 2.6H14V15.4H4Z'], // a sheet
    dam: [20, 'M2.5 6.5H17.5L14.8 14H5.2Z'],
};

function camera(state, ink, rim) {
    const body = 'M4 5.5h12a1.5 1.5 0 0 1 1.5 1.5v6.5a1.5 1.5 0 0 1 -1.5 1.5h-12a1.5 1.5 0 0 1 -1.5 -1.5v-6.5a1.5 1.5 0 0 1 1.5 -1.5Z';
    const lens = state === 'full'
        ? path(circle(10, 2.7).replace(/M(\S+) (\S+)a/, 'M$1 10.25a'), `fill="${rim}"`)
        : path('M6.5 13L13.5 7.5', `stroke="${ink}" stroke-width="1.6" fill="none"`);
    const dash = state === 'silent' ? ' stroke-dasharray="2.6 2"' : '';
    const fill = state === 'full' ? ink : rim;
    return drawing(20,
        path(body, `fill="${rim}" stroke="${rim}" stroke-width="3.6"`)
        + path(body, `fill="${fill}" stroke="${ink}" stroke-width="1.7"${dash}`) + lens);
}

const square = (pictogram, ink, rim) => drawing(18,
    `<rect x="1" y="1" width="16" height="16" rx="2.6" fill="${ink}" stroke="${rim}" stroke-width="1.4"/>`
    + `<g transform="translate(3 3) scale(.8)" fill="${rim}">${pictogram}</g>`);

const shelter = (ink, rim) => drawing(24,
    path('M12 2.8L22 12H19V21H5V12H2Z', `fill="${ink}" stroke="${rim}" stroke-width="1.6" stroke-linejoin="round"`)
    + path('M9.6 21V15.2h4.8V21Z', `fill="${rim}"`));

const alert = (ink, rim) => drawing(28,
    path('M14 2.6L26.4 24.4H1.6Z', `fill="${ink}" stroke="${rim}" stroke-width="2" stroke-linejoin="round"`)
    + path('M12.7 10h2.6l-.4 7.4h-1.8Z', `fill="${rim}"`) + `<circle cx="14" cy="20.4" r="1.5" fill="${rim}"/>`);

const vehicle = (ink, rim) => drawing(22, path(polygon([[3, 4.5], [20, 11], [3, 17.5], [7.5, 11]]),
    `fill="${ink}" stroke="${rim}" stroke-width="1.6" stroke-linejoin="round"`));

/// A camera's field of view, looking up, apex in the middle; 64 px are the camera's range.
function sector(degrees, ink) {
    const half = (degrees / 2) * (Math.PI / 180);
    const outline = degrees >= 360
        ? circle(64, 63)
        : `M64 64L${64 - 63 * Math.sin(half)} ${64 - 63 * Math.cos(half)}`
            + `A63 63 0 ${degrees > 180 ? 1 : 0} 1 ${64 + 63 * Math.sin(half)} ${64 - 63 * Math.cos(half)}Z`;
    return drawing(128, path(outline,
        `fill="${ink}" fill-opacity=".16" stroke="${ink}" stroke-opacity=".75" stroke-width="1"`));
}

/// Stripes at 45° that continue from tile to tile of the pattern.
const hatch = (size, ink, width, opacity) => drawing(size, path(
    `M${-size / 2} ${size / 2}L${size / 2} ${-size / 2}M0 ${size}L${size} 0`
    + `M${size / 2} ${size * 1.5}L${size * 1.5} ${size / 2}`,
    `stroke="${ink}" stroke-width="${width}" stroke-opacity="${opacity}" fill="none"`));

/// Facility kind -> Maki file.
export const pictograms = {
    school: 'school', clinic: 'doctor', hospital: 'hospital', police: 'police', fire: 'fire-station',
    office: 'town-hall', market: 'shop', other: 'home',
};

/// Every icon of a theme as {name: svg}. `maki` gives the inner drawing of a Maki file.
export function icons(token, maki) {
    const rim = token.surface;
    const ink = {
        gauge: token.action, rain: token.action, weather: token.riverLabel,
        water_quality: token.shelter, report: token.action, incident: token.danger,
        dam: token.structure, inspection: token.landUseLabel,
    };
    const all = {};
    for (const [kind, [size, outline]] of Object.entries(outlines)) {
        for (const state of ['full', 'half', 'hollow', 'silent']) {
            all[`${kind}-${state}`] = shape(size, outline, state, ink[kind], rim);
        }
    }
    for (const state of ['full', 'hollow', 'silent']) {
        all[`camera-${state}`] = camera(state, token.text, rim);
    }
    for (const [kind, file] of Object.entries(pictograms)) {
        all[`facility-${kind}`] = square(maki(file), token.facility, rim);
    }
    all['facility-shelter'] = shelter(token.shelter, rim);
    all.alert = alert(token.danger, rim);
    all.vehicle = vehicle(token.text, rim);
    for (const degrees of [30, 60, 90, 120, 180, 360]) {
        all[`sector-${degrees}`] = sector(degrees, token.sector);
    }
    all['hatch-synthetic'] = hatch(12, token.muted, 1, 0.28);
    all['hatch-nature'] = hatch(10, token.nature, 1, 0.3);
    return all;
}
