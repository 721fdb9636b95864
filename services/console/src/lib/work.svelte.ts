// What offices were asked to do and what they owe: tasks, dossiers of services, directives; and the forms
// in which they report. What is shown follows what is committed.

import { api, Failure, failureCode, Invalid, type Fault } from './api';
import { atlas } from './atlas.svelte';
import { hearChanges } from './hearing';

export type TaskState = 'open' | 'reported' | 'returned' | 'accepted';
export type TaskSubject = 'indicator' | 'place' | 'report' | 'alert' | 'dossier' | 'directive';
export interface Task {
    id: number; title: string; subject: { kind: TaskSubject; id: string }; place: string | null; office: string;
    deadline: string; state: TaskState; overdue: boolean; evidence: string | null; reason: string | null;
}
export interface Tasks {
    tasks: Task[];
    offices: { office: string; open: number; reported: number; returned: number; accepted: number; overdue: number }[];
}
interface ServiceCount { received: number; in_time: number; late: number; under_way: number; overdue: number; paused: number }
export interface Services {
    total: ServiceCount;
    offices: (ServiceCount & { office: string; level: 'province' | 'district' | 'commune' })[];
    quality: { points: number; of: number; groups: { group: number; title: string; points: number; of: number; parts: { counted: number }[] }[] };
}
export interface ServiceDossier { id: number; number: string; procedure: string; office: string; level: string; deadline: string | null }
export interface Directives {
    directives: { id: number; number: string; issued_on: string | null; office: string; subject: string; deadline: string | null; overdue: boolean }[];
    offices: { office: string; open: number; done: number; overdue: number }[];
}
export interface Owners {
    owners: { owner: string; late: number; missing: number; indicators: { code: string; cadence: string; last: string | null }[] }[];
}
export interface Reported { values: number; new: number; corrected: number }

const settle = 150; // ms: a burst of changes is one look
const told = ['tasks', 'service_dossiers', 'service_pauses', 'holidays', 'directives'];

class Work {
    open = $state(false);
    tasks = $state.raw<Tasks | null>(null);
    services = $state.raw<Services | null>(null);
    overdue = $state.raw<ServiceDossier[]>([]);
    directives = $state.raw<Directives | null>(null);
    overdueOnly = $state(false);
    text = $state(''); // looked for among directives
    failure = $state<string | null>(null);
    /// The server's words on what did not succeed.
    fault = $state('');
    private endHearing: (() => void) | null = null;

    show(): void {
        this.open = true;
        atlas.left = true;
        void this.look();
        if (this.endHearing) return;
        this.endHearing = hearChanges(told, settle, () => void this.look());
    }

    close(): void {
        this.open = false;
        this.endHearing?.();
        this.endHearing = null;
    }

    async look(): Promise<void> {
        try {
            const state: Record<string, string> = this.overdueOnly ? { state: 'overdue' } : {};
            const text: Record<string, string> = this.text.trim() ? { text: this.text.trim().normalize('NFC') } : {};
            [this.tasks, this.services, this.overdue, this.directives] = await Promise.all([
                api.tasks(state), api.services(), api.overdueDossiers(), api.directives({ ...state, ...text }),
            ]);
            this.failure = null;
        } catch (cause) {
            this.failure = failureCode(cause);
        }
    }

    async step(task: Task, step: 'report' | 'accept' | 'return', body: object): Promise<void> {
        this.fault = '';
        try {
            await api.stepTask(task.id, step, body, atlas.locale);
            await this.look();
        } catch (cause) {
            this.fault = cause instanceof Failure ? cause.detail || cause.code : failureCode(cause);
        }
    }
}

export const work = new Work();

/// What became of a form that was handed in.
export interface HandedIn { stored?: Reported; faults?: Fault[]; failure?: string }

export async function handIn(form: Blob): Promise<HandedIn> {
    try {
        return { stored: await api.handInForm(form, atlas.locale) };
    } catch (cause) {
        if (cause instanceof Invalid) return { faults: cause.faults };
        return { failure: cause instanceof Failure ? cause.detail || cause.code : failureCode(cause) };
    }
}
