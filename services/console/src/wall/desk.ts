// What a wall and its operator say to the server.

import { api, get, send } from '../lib/api';
import type { Scene, Told, Wall } from './content';

export interface Beat {
    client: string;
    rows: string;
    columns: string;
    prepared: number;
    shown: number;
    known: number; // newest revision whose content is here
    standby: number; // the same of what is likely to come next
    switched_at?: number;
    painted_at?: number;
}

export const desk = {
    walls: () => get<{ walls: { number: number; title: string }[] }>('/wall').then(answer => answer.walls),
    wall: (number: number) => get<Wall>(`/wall/${number}`),
    beat: async (number: number, beat: Beat, signal: AbortSignal) =>
        await (await send('POST', `/wall/${number}/beats`, beat, signal)).json() as Told,
    air: (number: number, scene: Scene['id']) => send('POST', `/wall/${number}/air`, { scene }),
    standBy: (number: number, scene: Scene['id']) => send('POST', `/wall/${number}/standby`, { scene }),
    undo: (number: number) => send('POST', `/wall/${number}/undo`),
    lock: (number: number, locked: boolean) => send('POST', `/wall/${number}/lock`, { locked }),
    view: (number: number, lon: number, lat: number, zoom: number) => send('POST', `/wall/${number}/view`, { lon, lat, zoom }),
    standIn: (number: number, cell: string, by: string | null) =>
        send('POST', `/wall/${number}/stand-ins`, by === null ? { cell } : { cell, by }),
    carousel: (number: number, going: boolean) => send('POST', `/wall/${number}/carousel`, { going }),
    account: api.account,
};
