// What is typed away from the office stays on the device until the server has it.

const place = 'diaban.kept/';

/// Keeps a value under a name; where the device keeps nothing, it is lost with the page.
export function keep(name: string, value: object): void {
    try {
        localStorage.setItem(place + name, JSON.stringify(value));
    } catch { /* a private window, or no room left: the page still has it */ }
}

/// What was kept under the name; nothing where it cannot be read.
export function kept<T extends object>(name: string): T | null {
    try {
        const text = localStorage.getItem(place + name);
        return text === null ? null : JSON.parse(text) as T;
    } catch {
        return null;
    }
}

export function forget(name: string): void {
    try {
        localStorage.removeItem(place + name);
    } catch { /* nothing was kept */ }
}

/// A name under which something is done once, however often it is sent. Pages over plain HTTP have it too.
export const senderKey = (): string =>
    `console-${Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('')}`;
