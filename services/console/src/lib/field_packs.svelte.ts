// Field packs: taken along for a commune, brought back, and what was changed here and there.

import { bringPack, failureCode, get, send, takePack, type Failure, type Pack, type PackConflict, type PackFault } from './api';
import { atlas } from './atlas.svelte';
import { number } from './format';

const between = 1000; // ms, asking whether a pack is made

class FieldPacks {
    packs = $state.raw<Pack[]>([]); // that have conflicts to settle
    faults = $state.raw<PackFault[]>([]);
    failure = $state<string | null>(null);
    told = $state('');
    busy = $state(false);
    making = $state(false);

    async look(): Promise<void> {
        const { packs } = await get<{ packs: Pack[] }>('/land/packs');
        this.packs = await Promise.all(packs.filter(pack => pack.open > 0).map(pack => get<Pack>(`/land/packs/${pack.id}`)));
    }

    /// Waits until it is made and hands it to the device.
    take(area: string): Promise<boolean> {
        this.making = true;
        return this.doing(async () => {
            let pack = await takePack(area);
            while (!pack) {
                await new Promise(done => { setTimeout(done, between); });
                pack = await takePack(area);
            }
            const link = document.createElement('a');
            link.href = URL.createObjectURL(pack);
            link.download = `goi-thuc-dia-${area}.gpkg`;
            link.click();
            setTimeout(() => URL.revokeObjectURL(link.href), between);
            this.told = atlas.t('pack.made', { a: area });
        });
    }

    bring(file: File): Promise<boolean> {
        return this.doing(async () => {
            const outcome = await bringPack(file);
            const count = (value: number) => number(value, atlas.locale);
            this.faults = outcome.faults;
            if (outcome.faults.length > 0) this.failure = atlas.t('pack.faults', { n: count(outcome.faults.length) });
            else this.told = atlas.t('pack.brought', { t: count(outcome.taken.length), o: count(outcome.opened.length),
                c: count(outcome.conflicts.length), u: count(outcome.unchanged + outcome.repeated) });
            await this.look();
        });
    }

    settle(pack: Pack, conflict: PackConflict, take: 'field' | 'record'): Promise<boolean> {
        return this.doing(async () => {
            await send('POST', `/land/packs/${pack.id}/conflicts/${conflict.number}`, { take });
            this.told = atlas.t('pack.settled', { n: conflict.case });
            await this.look();
        });
    }

    private async doing(work: () => Promise<void>): Promise<boolean> {
        [this.busy, this.failure, this.told, this.faults] = [true, null, '', []];
        try {
            await work();
            return true;
        } catch (cause) {
            this.failure = (cause as Failure).detail || failureCode(cause);
            return false;
        } finally {
            [this.busy, this.making] = [false, false];
        }
    }
}

export const fieldPacks = new FieldPacks();
