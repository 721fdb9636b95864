// Changes come one by one; the map fetches what they touched together.

import type { Change } from './live.svelte';

const rest = 60; // ms in which changes become one refresh of the map

export class Gather {
    private gathered = new Map<string, { cells: Set<string> | null; since: number }>();
    private waiting = new Map<string, number>(); // by source: when what it waits for was committed

    constructor(private readonly refresh: (source: string, cells: readonly string[] | null) => void) {}

    take({ collection, all, tiles, lag_ms }: Change): void {
        if (!all && !tiles?.length) return;
        if (this.gathered.size === 0) setTimeout(() => this.release(), rest);
        const held = this.gathered.get(collection)
            ?? { cells: new Set<string>(), since: performance.now() - (lag_ms ?? NaN) };
        if (all) held.cells = null;
        else tiles?.forEach(cell => held.cells?.add(cell));
        this.gathered.set(collection, held);
    }

    private release(): void {
        for (const [source, { cells, since }] of this.gathered) {
            if (!Number.isNaN(since)) this.waiting.set(source, since);
            this.refresh(source, cells && [...cells]);
        }
        this.gathered.clear();
    }

    /// The map shows what it fetched: how many ms after the commit; null if it waited for nothing.
    drawn(source: string): number | null {
        const since = this.waiting.get(source);
        this.waiting.delete(source);
        return since === undefined ? null : performance.now() - since;
    }
}
