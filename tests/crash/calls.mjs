// Who calls a server that is killed: used by calls.sh. Four callers share the calls; what is not acknowledged is sent
// again under the same key. Of three calls two are of one household: the same telephone, or the same place and words.
// Calls that stand for themselves are sent a team, and done.
//
//   calls.mjs LOG URL CALLS   "KEY ID" a line of what was acknowledged.

import { appendFileSync } from 'node:fs';

const [log, url, count] = process.argv.slice(2);
const calls = Number(count);
const callers = 4;
const pause = ms => new Promise(done => { setTimeout(done, ms); });

/// The answer of a status below 300 as JSON; of 409 nothing; all else is asked again.
async function post(path, body) {
    for (;;) {
        try {
            const answer = await fetch(url + path, {
                method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
                signal: AbortSignal.timeout(5000),
            });
            const said = await answer.text();
            if (answer.ok) return JSON.parse(said);
            if (answer.status === 409) return undefined;
            if (answer.status < 500) throw new Error(`${path}: ${answer.status} ${said}`);
        } catch (fault) {
            if (fault instanceof Error && fault.message.startsWith('/')) throw fault;
            // killed in the middle, or not up yet
        }
        await pause(50);
    }
}

function callOf(i) {
    const household = Math.floor(i / 3) * 2 + (i % 3 === 2 ? 1 : 0);
    return {
        key: `call-${i}`, event: 1, source: i % 2 === 0 ? '112' : 'web', people: 1 + i % 5, vulnerable: i % 5 === 0 ? 1 : 0,
        depth_m: (i % 20) / 10, text: `Nhà số ${household}, nước lên, cần cứu`, caller: `Người ${i}`,
        lon: 105.6 + (household % 40) / 100, lat: 18.2 + Math.floor(household / 40) / 100,
        phone: household % 2 === 0 ? `0912${String(household).padStart(6, '0')}` : '',
    };
}

async function rescue(id) {
    while (await post(`/rescue-calls/${id}/assign`, {}) === undefined) await pause(20); // no team is free
    await post(`/rescue-calls/${id}/done`, {});
}

await Promise.all(Array.from({ length: callers }, async (_, caller) => {
    const alone = [];
    for (let i = caller; i < calls; i += callers) {
        const taken = await post('/rescue-calls', callOf(i));
        appendFileSync(log, `call-${i} ${taken.id}\n`);
        if (taken.merged_into === null) alone.push(taken.id);
    }
    for (const id of alone) await rescue(id);
}));
