// Observations over HTTP at a steady rate: node sensors.mjs URL RATE SECONDS STREAMS. A batch every tenth of a second, one
// value of each of its datastreams, whether earlier batches are answered or not; one that is refused for the moment is sent
// again. One line a figure, by tabs: sent, acknowledged, seconds, and milliseconds to the acknowledgement (median, 99 %).

const [url, rate, seconds, streams] = [process.argv[2], ...process.argv.slice(3).map(Number)];
const every = 100; // milliseconds
const size = Math.round(rate * every / 1000);
const latencies = [];
let sent = 0;
let acknowledged = 0;
let again = 0;
let next = 0;

const pause = ms => new Promise(done => { setTimeout(done, ms); });

async function post(body) {
    for (;;) {
        try {
            const answer = await fetch(`${url}/sta/v1.1/CreateObservations`, {
                method: 'POST', headers: { 'Content-Type': 'application/json' }, body,
            });
            const text = await answer.text();
            if (answer.status === 201) return JSON.parse(text).length;
            if (answer.status !== 503) throw new Error(`${answer.status} ${text}`);
        } catch (fault) {
            if (fault.name !== 'TypeError') throw fault; // the connection, which the next one has anew
        }
        again += 1;
        await pause(100);
    }
}

async function batch(at) {
    const groups = [];
    for (let i = 0; i < size; i += 1) {
        next = next % streams + 1;
        groups.push({ Datastream: { '@iot.id': next }, components: ['phenomenonTime', 'result'], dataArray: [[at, 1 + Math.random()]] });
    }
    sent += size;
    const begun = performance.now();
    const taken = await post(JSON.stringify(groups)); // others are counted meanwhile
    acknowledged += taken;
    latencies.push(performance.now() - begun);
}

const begun = performance.now();
const under_way = [];
for (let round = 0; round < seconds * 1000 / every; round += 1) {
    const due = begun + round * every;
    if (due > performance.now()) await pause(due - performance.now());
    under_way.push(batch(new Date().toISOString()));
}
await Promise.all(under_way);
const took = (performance.now() - begun) / 1000;
latencies.sort((a, b) => a - b);
const part = share => latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))].toFixed(0);
console.log(`sent\t${sent}\nacknowledged\t${acknowledged}\nagain\t${again}\nseconds\t${took.toFixed(1)}\nlatency\t${part(0.5)}\t${part(0.99)}`);
