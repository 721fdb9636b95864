// What a screen prepares and when it switches. It only ever leaves a picture for one that is ready.

export interface Revision { revision: number; switchAt: number | null }

export interface Stage<Picture> {
    shown: { revision: number; picture: Picture } | null;
    next: { revision: number; picture: Picture; ready: boolean; switchAt: number | null } | null;
}

export const empty = <Picture>(): Stage<Picture> => ({ shown: null, next: null });

/// What the server tells. `make` is called for a revision that is neither shown nor under way.
export function told<Picture>(stage: Stage<Picture>, { revision, switchAt }: Revision, make: () => Picture): Stage<Picture> {
    if (stage.next?.revision === revision) return { ...stage, next: { ...stage.next, switchAt } };
    if (stage.shown?.revision === revision) return { ...stage, next: null };
    return { ...stage, next: { revision, picture: make(), ready: false, switchAt } };
}

/// A picture can be shown at once; one that is not wanted any more says so in vain.
export function ready<Picture>(stage: Stage<Picture>, picture: Picture): Stage<Picture> {
    return stage.next?.picture === picture ? { ...stage, next: { ...stage.next, ready: true } } : stage;
}

/// When the switch is due by the server's clock; null while it is not.
export const due = <Picture>({ next }: Stage<Picture>): number | null => (next?.ready ? next.switchAt : null);

export function switched<Picture>(stage: Stage<Picture>): Stage<Picture> {
    const { next } = stage;
    return next?.ready ? { shown: { revision: next.revision, picture: next.picture }, next: null } : stage;
}

/// The newest revision that can be shown at once.
export const prepared = <Picture>({ shown, next }: Stage<Picture>): number =>
    (next?.ready ? next.revision : shown?.revision ?? 0);
