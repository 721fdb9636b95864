// Changes of collections, heard apart from the map's own stream, which is of a box.

/// Calls `changed` when rows of the collections changed, whoever changed them: once for a burst, `settle` milliseconds
/// after its last. Gives what ends the hearing.
export function hearChanges(collections: readonly string[], settle: number, changed: () => void): () => void {
    const source = new EventSource(`/live?collections=${collections.join(',')}`, { withCredentials: true });
    let timer: ReturnType<typeof setTimeout> | undefined;
    const soon = () => {
        clearTimeout(timer);
        timer = setTimeout(changed, settle);
    };
    for (const kind of ['create', 'update', 'delete', 'import', 'resync']) source.addEventListener(kind, soon);
    return () => {
        source.close();
        clearTimeout(timer);
    };
}
