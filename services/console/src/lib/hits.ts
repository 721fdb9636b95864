// What lies under a click.

export interface Hit { collection: string; fid: number; title: string }

/// Each feature once, where it came first.
export function distinct(hits: readonly Hit[]): Hit[] {
    const known = new Set<string>();
    return hits.filter(({ collection, fid }) => {
        const key = `${collection}/${fid}`;
        return known.has(key) ? false : known.add(key);
    });
}
