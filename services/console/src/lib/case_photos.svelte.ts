// Photos of inspections on their way: one after the other, in parts that go on from where they were cut.

import { Failure, failureCode, get, send, sendPart } from './api';
import { session } from './account.svelte';
import { waitingPhotos, type Waiting } from './waiting_photos';

const partSize = 256 * 1024; // bytes: a second or two on a slow mobile network
const pauses = [1000, 2000, 5000, 15_000, 30_000]; // ms between attempts while the network is away

export interface Sending { id: string; inspection: number; name: string; size: number; sent: number; state: 'waiting' | 'sending' | 'held' | 'refused'; fault: string }
interface Upload { id: number; length: number; offset: number; photo: number | null }

/// The photo's own digits name it: chosen again it is the same photo. Without them (a page over plain
/// HTTP has no digest) its name, size and date do.
async function nameOf(file: File): Promise<{ key: string; sha256?: string }> {
    if (!globalThis.crypto.subtle) return { key: `${file.size}-${file.lastModified}-${encodeURIComponent(file.name).slice(0, 40)}` };
    const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
    const sha256 = Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('');
    return { key: sha256, sha256 };
}

/// Whether it is worth trying again: nothing came back, or the server was not able to just now.
const passing = (cause: unknown) => cause instanceof Failure && (cause.status === 0 || cause.status === 429 || cause.status >= 500);

class CasePhotos {
    queue = $state<Sending[]>([]);
    private readonly files = new Map<string, File>();
    private working = false;
    private wake: (() => void) | null = null;
    private arrived: (inspection: number) => void = () => undefined;

    /// Takes up what an earlier page left; `arrived` hears of each photo that the server has.
    async begin(arrived: (inspection: number) => void): Promise<void> {
        this.arrived = arrived;
        for (const one of await waitingPhotos.of(session.visitor?.login ?? ''))
            if (!this.files.has(one.id)) this.enqueue(one);
        void this.work();
    }

    add(inspection: number, files: Iterable<File>): void {
        for (const file of files) {
            const id = `${inspection}/${file.name}/${file.size}/${file.lastModified}`;
            if (this.files.has(id)) continue;
            const one: Waiting = { id, inspection, login: session.visitor?.login ?? '', name: file.name, file };
            void waitingPhotos.put(one);
            this.enqueue(one);
        }
        void this.work();
    }

    again(id: string): void {
        const one = this.queue.find(other => other.id === id);
        if (one) [one.state, one.fault] = ['waiting', ''];
        this.wake?.();
        void this.work();
    }

    drop(id: string): void {
        this.files.delete(id);
        this.queue = this.queue.filter(one => one.id !== id);
        void waitingPhotos.remove(id);
        this.wake?.();
    }

    private enqueue({ id, inspection, name, file }: Waiting): void {
        this.files.set(id, file as File);
        this.queue.push({ id, inspection, name, size: file.size, sent: 0, state: 'waiting', fault: '' });
    }

    /// One worker, however often it is called.
    private async work(): Promise<void> {
        if (this.working) return;
        this.working = true;
        for (let tries = 0; ;) {
            const one = this.queue.find(other => other.state === 'waiting' || other.state === 'held');
            if (!one) break;
            try {
                await this.sendOne(one, this.files.get(one.id)!);
                tries = 0;
                this.drop(one.id);
                this.arrived(one.inspection);
            } catch (cause) {
                if (!this.files.has(one.id)) continue; // it was dropped
                if (passing(cause)) {
                    one.state = 'held';
                    await this.rest(pauses[Math.min(tries++, pauses.length - 1)]!);
                } else {
                    one.state = 'refused';
                    one.fault = (cause as Failure).detail || failureCode(cause);
                }
            }
        }
        this.working = false;
    }

    private async sendOne(one: Sending, file: File): Promise<void> {
        one.state = 'sending';
        const { key, sha256 } = await nameOf(file);
        const begun = await send('POST', `/land/cases/${one.inspection}/uploads`, {
            key: `${one.inspection}-${key}`, length: file.size, ...(sha256 ? { sha256 } : {}) });
        const upload = await begun.json() as Upload;
        one.sent = upload.offset;
        while (one.sent < file.size) {
            if (!this.files.has(one.id)) throw new Failure(0, '');
            const path = `/land/uploads/${upload.id}`;
            try {
                one.sent = await sendPart(path, one.sent, file.slice(one.sent, one.sent + partSize));
            } catch (cause) {
                // The part arrived, and its receipt was lost.
                if (!(cause instanceof Failure) || cause.type !== 'upload-offset') throw cause;
                one.sent = (await get<Upload>(path)).offset;
            }
        }
    }

    private rest(pause: number): Promise<void> {
        return new Promise(resolve => {
            const timer = setTimeout(() => this.wake?.(), pause);
            const wake = () => this.wake?.();
            addEventListener('online', wake);
            this.wake = () => {
                clearTimeout(timer);
                removeEventListener('online', wake);
                this.wake = null;
                resolve();
            };
        });
    }
}

export const casePhotos = new CasePhotos();
