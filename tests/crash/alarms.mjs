// Who sends to a server that is killed, and who is told by it: used by alarms.sh. Every value has a time of its own.
//
//   alarms.mjs send LOG URL MQTT STREAMS LEVEL SECONDS   one value after another to each datastream, half of them over
//                                                        HTTP, half by mosquitto_pub, at LEVEL and a little above;
//                                                        "STREAM TIME VALUE" a line of what was acknowledged. What is
//                                                        not is sent again, until each stream has had one after the end.
//   alarms.mjs receive LOG PORT                          takes webhooks, every seventh only the second time:
//                                                        "ID TYPE SHA256" a line.

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [what, log, ...rest] = process.argv.slice(2);
const pause = ms => new Promise(done => { setTimeout(done, ms); });

async function byHttp(url, stream, value) {
    try {
        const answer = await fetch(`${url}/sta/v1.1/Datastreams(${stream})/Observations`, {
            method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(value),
            signal: AbortSignal.timeout(5000),
        });
        await answer.arrayBuffer();
        return answer.status === 201;
    } catch {
        return false; // killed in the middle, or not up yet
    }
}

const byMqtt = (port, stream, value) => new Promise(done => {
    const topic = `diaban/v1.1/Datastreams(${stream})/Observations`;
    execFile('mosquitto_pub', ['-p', port, '-q', '1', '-t', topic, '-m', JSON.stringify(value)], { timeout: 5000 },
        fault => done(fault === null));
});

async function send(url, mqtt, streams, level, seconds) {
    const end = Date.now() + 1000 * seconds;
    let last = 0;
    const next = () => {
        last = Math.max(Date.now(), last + 1);
        return new Date(last).toISOString();
    };
    await Promise.all(Array.from({ length: streams }, async (_, i) => {
        for (let over = false; !over;) {
            over = Date.now() > end;
            const value = { phenomenonTime: next(), result: level + Math.round(Math.random() * 20) / 100 };
            const once = () => (i % 2 === 0 ? byHttp(url, i + 1, value) : byMqtt(mqtt, i + 1, value));
            while (!await once()) await pause(50);
            appendFileSync(log, `${i + 1} ${value.phenomenonTime} ${value.result}\n`);
            await pause(20 + Math.random() * 60);
        }
    }));
}

function receive(port) {
    const seen = new Set();
    createServer(async (request, answer) => {
        const parts = [];
        for await (const part of request) parts.push(part);
        const body = Buffer.concat(parts);
        const id = request.headers['webhook-id'];
        const first = !seen.has(id);
        seen.add(id);
        if (first && seen.size % 7 === 0) {
            answer.writeHead(500).end();
            return;
        }
        appendFileSync(log, `${id} ${JSON.parse(body).type} ${createHash('sha256').update(body).digest('hex')}\n`);
        answer.writeHead(204).end();
    }).listen(port, '127.0.0.1');
}

if (what === 'receive') receive(Number(rest[0]));
else await send(rest[0], rest[1], ...rest.slice(2).map(Number));
