// GDAL's driver of OGC API Features as it comes: a -where of OGR's becomes a filter of ours, and the counts
// are those of PostGIS.

import { expect, test } from '@playwright/test';
import { baseURL } from '../browser.mjs';
import { boxOf, countOf, questions, type Box, type Question } from './questions';
import { database, needsRecord, run } from './record';
import { chance } from './served';

/// What GDAL counts, and whether it left the whole filter to the server.
async function asked({ id, filter }: Question, box: Box): Promise<{ count: number; filtered: boolean }> {
    const { stdout, stderr } = await run('ogrinfo', ['-ro', '-so', '-oo', 'PAGE_SIZE=500', '-spat', ...box.map(String),
        '-where', filter, `OAPIF:${baseURL()}/collections/${id}`, id],
    { env: { ...process.env, CPL_DEBUG: 'OAPIF,HTTP' }, maxBuffer: 1 << 26 });
    return {
        count: Number(/^Feature Count: (\d+)$/m.exec(stdout)?.[1]),
        filtered: /items\?[^\n]*&filter=[^\n]*&filter-lang=cql-text/.test(stderr)
            && !/evaluated on (client|server) side|ERROR/.test(stderr),
    };
}

test('GDAL sends its filters to the server, and counts what PostGIS counts', async () => {
    test.skip(database === '', needsRecord);
    test.setTimeout(180_000);
    const random = chance();
    let sum = 0;
    for (const question of questions) {
        const asking = Array.from({ length: 10 }, async () => {
            const box = await boxOf(question.id, random);
            const where = `${question.id}, ${question.filter}, box ${box}`;
            const answer = await asked(question, box);
            expect(answer, where).toEqual({ count: await countOf(question, box), filtered: true });
            return answer.count;
        });
        for (const count of await Promise.all(asking)) sum += count;
    }
    expect(sum).toBeGreaterThan(1000);
});
