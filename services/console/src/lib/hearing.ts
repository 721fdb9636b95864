// Changes of collections, heard apart from the map's own stream, which is of a box.

/// Calls `changed` when rows of the collections changed, whoever changed them: once for a burst, `settle` milliseconds
/// after its last, and when the network comes back. Gives what ends the hearing.
export function hearChanges(collections: readonly string[], settle: number, changed: () => void): () => void {
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
        clearTimeout(timer);
        timer = setTimeout(changed, settle);
    };
    const open = () => {
        source = new EventSource(`/live?collections=${collections.join(',')}`, { withCredentials: true });
        for (const kind of ['create', 'update', 'delete', 'import', 'resync']) source.addEventListener(kind, soon);
    };
    const back = () => {
        source.close();
        open();
        source.addEventListener('start', soon); // nothing that came before it is missed
        soon();
    };
    open();
    addEventListener('online', back);
    return () => {
        removeEventListener('online', back);
        source.close();
        clearTimeout(timer);
    };
}
