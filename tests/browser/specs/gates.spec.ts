// A border gate: what its stations send is what its file says, with the waiting time that follows.

import { expect, keep, open, test } from './console';

interface Stream { '@iot.id': number; properties: { gateDirection?: string; gateFigure?: string } }
interface Gates { gates: { id: number; name: string; directions: { direction: string; queue: { value: number }; waiting: { minutes: number; low: number; high: number } }[] }[] }

test('what a gate sends now is told by direction, with the wait and its bounds', async ({ page }) => {
    await page.goto('/console/#layers=places');
    const streams = (await (await page.request.get('/sta/v1.1/Datastreams?$top=1000')).json() as { value: Stream[] }).value;
    const send = async (figure: string, minutesAgo: number, result: number) => {
        const stream = streams.find(one => one.properties.gateDirection === 'out' && one.properties.gateFigure === figure)!;
        const answer = await page.request.post(`/sta/v1.1/Datastreams(${stream['@iot.id']})/Observations`, {
            data: { result, phenomenonTime: new Date(Date.now() - 60_000 * minutesAgo).toISOString() },
        });
        expect(answer.status()).toBe(201);
    };
    await send('lanes', 0, 3);
    await send('passed', 1, 12);
    await send('passed', 0, 12);
    await send('queue', 0, 61);
    const { gates } = await (await page.request.get('/border-gates')).json() as Gates;
    const gate = gates.find(one => one.name.includes('Cầu Treo'))!;
    const out = gate.directions.find(one => one.direction === 'out')!;
    expect(out.queue.value).toBe(61);
    expect(out.waiting.low).toBeLessThan(out.waiting.minutes);
    expect(out.waiting.minutes).toBeLessThan(out.waiting.high);
    await open(page, `#map=12/18.383/105.15&layers=places,sensors&select=sensors/${gate.id}`);
    const table = page.getByRole('region', { name: 'Thông quan tại cửa khẩu' }).getByRole('table');
    await expect(table.getByRole('row', { name: /^Xe đang chờ 61 / })).toBeVisible();
    const said = await table.getByRole('row', { name: /^Thời gian chờ/ }).getByRole('cell').first().textContent();
    expect(said).toMatch(/^\d+ phút \(\d+–\d+\)$/);
    await keep(page, 'border-gate');
});
