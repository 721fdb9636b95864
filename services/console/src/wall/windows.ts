// The windows of a page's pictures: each picture that is shown or made ready has its own, and leaves them to the next.

import type { Picture } from './picture.svelte';
import { MapWindow } from './window';

/// A browser keeps sixteen drawing contexts of a page; some are left for whatever else it draws.
export const mostWindows = 12;

export class Windows {
    private readonly leased = new Map<Picture, MapWindow[]>();
    private readonly free: MapWindow[] = [];

    constructor(private readonly make: () => MapWindow) {}

    /// Whether another picture finds room beside those that have windows.
    holds(another: Picture): boolean {
        const taken = [...this.leased.keys()].reduce((sum, one) => sum + one.parts.length, 0);
        return taken + another.parts.length <= mostWindows;
    }

    /// Those of a picture, one to each part of its maps.
    of(picture: Picture): MapWindow[] {
        let own = this.leased.get(picture);
        if (!own) {
            own = picture.parts.map(() => this.free.pop() ?? this.make());
            this.leased.set(picture, own);
        }
        return own;
    }

    /// Takes the windows back from all pictures but these; what was seen of them stands still.
    keepOnly(pictures: readonly (Picture | undefined)[]): void {
        for (const [picture, own] of this.leased) {
            if (pictures.includes(picture)) continue;
            this.leased.delete(picture);
            for (const window of own) window.leave();
            this.free.push(...own);
        }
    }
}
