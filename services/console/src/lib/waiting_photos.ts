// Photos that the server does not have yet, on the device: they outlive the page.

export interface Waiting { id: string; login: string; inspection: number; name: string; file: Blob }

const shelf = 'photos';

function opened(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
        const asked = indexedDB.open('diaban.inspections', 1);
        asked.onupgradeneeded = () => asked.result.createObjectStore(shelf, { keyPath: 'id' });
        asked.onsuccess = () => resolve(asked.result);
        asked.onerror = () => reject(asked.error ?? new Error('IndexedDB'));
    });
}

async function on<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const database = await opened();
    try {
        return await new Promise<T>((resolve, reject) => {
            const asked = work(database.transaction(shelf, mode).objectStore(shelf));
            asked.onsuccess = () => resolve(asked.result);
            asked.onerror = () => reject(asked.error ?? new Error('IndexedDB'));
        });
    } finally {
        database.close();
    }
}

/// A device that keeps nothing sends from the page alone.
export const waitingPhotos = {
    put: (one: Waiting): Promise<unknown> => on('readwrite', store => store.put(one)).catch(() => undefined),
    remove: (id: string): Promise<unknown> => on('readwrite', store => store.delete(id)).catch(() => undefined),
    of: (login: string): Promise<Waiting[]> => on<Waiting[]>('readonly', store => store.getAll())
        .then(all => all.filter(one => one.login === login), () => []),
};
