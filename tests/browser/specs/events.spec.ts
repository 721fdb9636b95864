// The live channel as a program reads it that knows nothing of ours: npm's eventsource.

import { execFileSync } from 'node:child_process';
import { expect, test } from '@playwright/test';
import { EventSource } from 'eventsource';
import { baseURL } from '../browser.mjs';

const database = process.env.DIABAN_DATABASE ?? '';

const sql = (statement: string): string => execFileSync(
    'psql', ['-X', '-q', '-A', '-t', '-d', database, '-c', statement], { encoding: 'utf8' }).trim();

test.skip(!database, 'needs the record: DIABAN_DATABASE is not set');

test('an event source is told exactly the feed, through a break, at the address of the map', async () => {
    const head = sql('select diaban.feed_head()');
    const told: string[] = [];
    let last = '';
    const listen = (query: string) => {
        const source = new EventSource(`${baseURL()}/live?collections=parcels&${query}`);
        const started = new Promise(resolve => { source.addEventListener('start', resolve); });
        for (const kind of ['create', 'update', 'delete']) {
            source.addEventListener(kind, event => {
                const { fid, version } = JSON.parse(event.data as string) as { fid: number; version: number };
                told.push(`${kind} ${fid} ${version}`);
                last = event.lastEventId;
            });
        }
        return { source, started };
    };
    const edit = (from: number) => {
        for (let i = from; i < from + 20; i += 1) {
            sql(`update record.parcels set parcel_number = ${i} where fid = (select fid from record.parcels order by fid offset ${i} limit 1)`);
        }
    };
    const first = listen('kinds=create,update,delete');
    await first.started;
    edit(0);
    await expect.poll(() => told.length).toBeGreaterThanOrEqual(20);
    first.source.close();
    edit(20);
    const second = listen(`after=${last}`);
    await second.started;
    edit(40);
    await expect.poll(() => told.length).toBeGreaterThanOrEqual(60);
    second.source.close();
    const fed = sql(`select case operation when 'insert' then 'create' else operation end || ' ' || fid || ' '
        || coalesce(new_version, old_version) from diaban.change
        where seq > ${head} and collection = 'parcels' order by seq`).split('\n');
    expect(told).toEqual(fed);
});
