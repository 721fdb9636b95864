// WGS 84 to VN-2000 in a TM-3 zone: the Helmert shift of EPSG:6960 read backwards, then transverse
// Mercator (k 0.9999, false easting 500 000 m) by Krüger's series to n^6 (Karney 2011, eq. 35).
// About 1 m is the accuracy of EPSG:6960 itself; the arithmetic agrees with PROJ to under 1 mm.

/// EPSG code -> central meridian in degrees.
export const zones: Readonly<Record<number, number>> = {
    5896: 102, 9205: 103, 9206: 104, 9207: 104.5, 9208: 104.75, 5897: 105, 9209: 105.5, 9210: 105.75,
    9211: 106, 9212: 106.25, 9213: 106.5, 9214: 107, 9215: 107.25, 9216: 107.5, 5899: 107.75,
    5898: 108, 9217: 108.25, 9218: 108.5,
};

/// Zone of a province as it was until 30 June 2025, by its code, where the project has checked it.
const provinceZones: Readonly<Record<string, number>> = {
    '06': 9213, '35': 5897, '20': 9215, '10': 9208, '42': 9209,
};

export const zoneOfProvince = (code: string): number | undefined => provinceZones[code];

const a = 6378137;
const f = 1 / 298.257223563;
const e2 = f * (2 - f);
const e = Math.sqrt(e2);

// EPSG:6960, VN-2000 -> WGS 84, coordinate frame rotation: metres, arc seconds, parts per million.
const shift = [-191.90441429, -39.30318279, -111.45032835] as const;
const arc = Math.PI / 648000;
const turn = [-0.00928836 * arc, 0.01975479 * arc, -0.00427372 * arc] as const;
const scale = 0.252906278e-6;

type Vector = [number, number, number];

function geocentric(lon: number, lat: number): Vector {
    const nu = a / Math.sqrt(1 - e2 * Math.sin(lat) ** 2);
    return [
        nu * Math.cos(lat) * Math.cos(lon), nu * Math.cos(lat) * Math.sin(lon), nu * (1 - e2) * Math.sin(lat),
    ];
}

/// `v -> shift + (1 + scale) R v` undone with the transpose of the linearised R, as PROJ does.
function unshift([x, y, z]: Vector): Vector {
    const p: Vector = [x - shift[0], y - shift[1], z - shift[2]];
    const [rx, ry, rz] = turn;
    const m = 1 / (1 + scale);
    return [
        m * (p[0] - rz * p[1] + ry * p[2]),
        m * (rz * p[0] + p[1] - rx * p[2]),
        m * (-ry * p[0] + rx * p[1] + p[2]),
    ];
}

function geodetic([x, y, z]: Vector): [lon: number, lat: number] {
    const p = Math.hypot(x, y);
    let lat = Math.atan2(z, p * (1 - e2));
    for (let i = 0; i < 6; i += 1) {
        const nu = a / Math.sqrt(1 - e2 * Math.sin(lat) ** 2);
        lat = Math.atan2(z + e2 * nu * Math.sin(lat), p);
    }
    return [Math.atan2(y, x), lat];
}

const n = f / (2 - f);
const alpha = [
    n / 2 - (2 / 3) * n ** 2 + (5 / 16) * n ** 3 + (41 / 180) * n ** 4 - (127 / 288) * n ** 5,
    (13 / 48) * n ** 2 - (3 / 5) * n ** 3 + (557 / 1440) * n ** 4 + (281 / 630) * n ** 5,
    (61 / 240) * n ** 3 - (103 / 140) * n ** 4 + (15061 / 26880) * n ** 5,
    (49561 / 161280) * n ** 4 - (179 / 168) * n ** 5,
    (34729 / 80640) * n ** 5,
];
const radius = (a / (1 + n)) * (1 + n ** 2 / 4 + n ** 4 / 64 + n ** 6 / 256);

/// Easting and northing in metres. Vietnamese papers name them Y and X.
export function toVn2000(lon: number, lat: number, epsg: number): { east: number; north: number } {
    const meridian = zones[epsg];
    if (meridian === undefined) throw new RangeError(`EPSG:${epsg} is no TM-3 zone of VN-2000`);
    const degree = Math.PI / 180;
    const [vnLon, vnLat] = geodetic(unshift(geocentric(lon * degree, lat * degree)));

    const s = Math.sin(vnLat);
    const tau = Math.sinh(Math.atanh(s) - e * Math.atanh(e * s));
    const away = vnLon - meridian * degree;
    const xi = Math.atan2(tau, Math.cos(away));
    const eta = Math.asinh(Math.sin(away) / Math.hypot(tau, Math.cos(away)));
    let [x, y] = [eta, xi];
    alpha.forEach((coefficient, i) => {
        const k = 2 * (i + 1);
        x += coefficient * Math.cos(k * xi) * Math.sinh(k * eta);
        y += coefficient * Math.sin(k * xi) * Math.cosh(k * eta);
    });
    return { east: 500000 + 0.9999 * radius * x, north: 0.9999 * radius * y };
}

/// 105.75 -> 105°45′
export function meridianName(epsg: number): string {
    const meridian = zones[epsg] ?? 0;
    const minutes = Math.round((meridian % 1) * 60);
    return `${Math.trunc(meridian)}°${String(minutes).padStart(2, '0')}′`;
}
