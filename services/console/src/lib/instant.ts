// Instants as the server writes them, of which a browser's own clock does not know the microseconds.

/// A microsecond earlier.
export function justBefore(iso: string): string {
    const [whole = '', part = ''] = iso.replace(/Z$/, '').split('.');
    const micro = Number(part.padEnd(6, '0').slice(0, 6)) - 1;
    if (micro >= 0) return `${whole}.${String(micro).padStart(6, '0')}Z`;
    return `${new Date(Date.parse(`${whole}Z`) - 1000).toISOString().slice(0, 19)}.999999Z`;
}
