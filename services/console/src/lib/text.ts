/// Letters without marks and case: "Cẩm Duệ" -> "cam due", "Đức Thọ" -> "duc tho".
export function fold(text: string): string {
    return text.normalize('NFD').replace(/\p{M}/gu, '').replace(/[đĐ]/g, 'd').toLowerCase().trim();
}

/// "18.343, 105.905" or "18,343 105,905" (latitude first) as [lon, lat].
export function position(text: string): [number, number] | null {
    const match = /^\s*(-?\d{1,3}(?:[.,]\d+)?)\s*°?\s*[;,\s]\s*(-?\d{1,3}(?:[.,]\d+)?)\s*°?\s*$/.exec(text);
    if (!match) return null;
    const [lat, lon] = [match[1], match[2]].map(part => Number(part!.replace(',', '.')));
    if (lat === undefined || lon === undefined || Math.abs(lat) > 85 || Math.abs(lon) > 180) return null;
    return [lon, lat];
}
