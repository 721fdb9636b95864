// The record looked at again, moment by moment: living layers of the map and the room that began it are of that moment.

import { justBefore } from './instant';
import { sleep } from './sleep';

const pause = 900; // ms a moment is shown while they play

/// Collections that change while an event lasts; what they lie on stays as it is now.
export const living = [
    'disaster_events', 'rescue_calls', 'rescue_teams', 'reports', 'incidents', 'alerts', 'storm_dangers', 'storm_fixes',
] as const;

class Replay {
    times = $state.raw<readonly string[]>([]); // when something happened
    frame = $state(0);
    playing = $state(false);
    private end = $state.raw<string | null>(null);
    /// Until when the record is looked at: what happened may be recorded a moment later, and is before the next.
    /// Null: as it is now.
    readonly at = $derived(this.frame + 1 < this.times.length ? justBefore(this.times[this.frame + 1]!) : this.end);
    private moved: () => Promise<void> = () => Promise.resolve();

    /// The record ends at `end`; `moved` reads what there was at the moment, and the next one waits for it.
    async start(times: readonly string[], end: string, moved: () => Promise<void>): Promise<void> {
        this.times = times;
        this.end = end;
        this.moved = moved;
        await this.go(0);
    }

    stop(): void {
        this.pause();
        this.times = [];
        this.end = null;
    }

    async go(frame: number): Promise<void> {
        this.frame = Math.min(this.times.length - 1, Math.max(0, frame));
        await this.moved();
    }

    async play(): Promise<void> {
        this.playing = true;
        if (this.frame === this.times.length - 1) await this.go(0);
        while (this.playing && this.frame < this.times.length - 1) {
            await sleep(pause);
            if (this.playing) await this.go(this.frame + 1);
        }
        this.playing = false;
    }

    pause(): void {
        this.playing = false;
    }
}

export const replay = new Replay();
