// The wall never lies: nine screens, a flooded street and who sees it, what fails and where, and what is left when screens
// and the server die. The wards are those of Phủ Lý; cameras, dossiers and figures are an exercise's.

import type { Scene } from './scene';

const nav = (...names: string[]) => ({ css: 'nav button', text: names });

export const hanam: Scene = {
    title: { vi: 'Hà Nam: màn hình ghép không nói dối', en: 'Hà Nam: the wall never lies' },
    from: '#map=15/20.5306/105.9309&layers=places,rivers,roads,cameras,reports',
    steps: [
        {
            id: 'wall',
            say: {
                vi: 'Mở Màn hình ghép: chín ô là chín màn hình, mỗi ô cho biết màn hình của nó còn chạy hay không.',
                en: 'Open the wall: nine cells are nine screens, and each says whether its screen is alive.',
            },
            press: nav('Màn hình ghép', 'Wall'),
            seen: { css: '.room .grid [data-cell="3/3"]' },
        },
        {
            id: 'screens',
            say: {
                vi: 'Mở chín trang /wall/1/1/1, /wall/1/1/2 … /wall/1/3/3, mỗi màn hình một trang. Cả chín ô báo đang chạy.',
                en: 'Open nine pages, /wall/1/1/1, /wall/1/1/2 … /wall/1/3/3, one on each screen. All nine cells are alive.',
            },
            seen: { css: '.room .grid:not(:has(.dead))' },
        },
        {
            id: 'air',
            say: {
                vi: 'Chọn cảnh “Hà Nam: giao ban (diễn tập)” rồi bấm Phát. Chín màn hình cùng chuyển: chỉ tiêu, hồ sơ, camera.',
                en: 'Choose the scene “Hà Nam: briefing (exercise)” and put it on air. Nine screens change at once: indicators, dossiers, cameras.',
            },
            press: { css: '.room [role=option]', text: 'Hà Nam' },
            seen: { css: '.room:has([data-skew]) h3', text: ['Đang phát: Hà Nam', 'On air: Hà Nam'] },
        },
        {
            id: 'report',
            say: {
                vi: 'Mở Phản ánh, bấm N, chọn Ngập úng, gõ “Ngập phố, diễn tập”, bấm “Lấy tâm bản đồ” rồi gửi. Phản ánh lên màn hình ghép trong vài giây.',
                en: 'Open the reports, press N, choose flooding, type “Ngập phố, diễn tập”, take the middle of the map, send. The wall has it within seconds.',
            },
            press: nav('Phản ánh', 'Reports'),
            seen: { css: '.triage [role=option][aria-selected=true]', text: 'Ngập phố, diễn tập' },
        },
        {
            id: 'cameras',
            say: {
                vi: 'Dưới phản ánh là camera hướng về con phố ấy: 2 trong 4 camera. Màn hình 3·2 nêu tên chúng cùng khoảng cách.',
                en: 'Under the report stand the cameras that face that street: 2 of 4. Screen 3·2 names them with their distance.',
            },
            seen: { css: '.triage [data-facing="2"]' },
        },
        {
            id: 'failing',
            say: {
                vi: 'Về Tổng quan: trên bản đồ là số chỉ tiêu không đạt của tỉnh đang xem. Bấm vào “Không đạt”.',
                en: 'Go to the overview: over the map stands how many indicators the province in sight fails. Press it.',
            },
            press: { css: 'main .card button', text: ['Không đạt', 'Failing'] },
            seen: { css: 'aside li button', text: ['Hồ sơ đúng hạn (diễn tập)', 'Dossiers in time (exercise)'] },
        },
        {
            id: 'commune',
            say: {
                vi: 'Bấm chỉ tiêu “Hồ sơ đúng hạn (diễn tập)”: 2 trong 5 phường không đạt mức 60 %. Bấm “Phường Phủ Lý”.',
                en: 'Press the indicator “Dossiers in time (exercise)”: 2 of 5 wards are below 60 %. Press “Phường Phủ Lý”.',
            },
            press: { css: 'aside li button', text: ['Phường Phủ Lý', 'Hồ sơ đúng hạn (diễn tập)', 'Dossiers in time (exercise)'] },
            seen: { css: '#file-title', text: 'Phường Phủ Lý' },
        },
        {
            id: 'dossiers',
            say: {
                vi: 'Bấm “Hồ sơ quá hạn (3)”: từng hồ sơ, nơi giữ và hạn trả.',
                en: 'Press the overdue dossiers, 3: each with its office and the day it was due.',
            },
            press: { css: '.dossiers button' },
            seen: { css: '.dossiers:has(li:nth-child(3)) li', text: 'DT-HN-01' },
        },
        {
            id: 'dead',
            say: {
                vi: 'Trở lại Màn hình ghép và tắt trang /wall/1/2/3. Trong vài giây, màn hình chết được gọi bằng vị trí: 2·3.',
                en: 'Go back to the wall and close the page /wall/1/2/3. Within seconds the dead screen is named by its position: 2·3.',
            },
            press: nav('Màn hình ghép', 'Wall'),
            seen: { css: '.dead-list [data-dead="2/3"]' },
        },
        {
            id: 'neighbour',
            say: {
                vi: 'Bấm “Giao cho 2·2”: màn hình bên cạnh hiện phần của màn hình chết và nói rõ “Thay màn hình 2·3”.',
                en: 'Give it to 2·2: the neighbour shows what the dead screen had, and says “In place of screen 2·3”.',
            },
            press: { css: '.dead-list [data-dead="2/3"] button', text: '2·2' },
            seen: { css: '.grid [data-cell="2/2"]', text: ['thay 2·3', 'in place of 2·3'] },
        },
        {
            id: 'kill',
            say: {
                vi: 'Trên máy chủ chạy lệnh kill -9 mà ./run demo đã in. Mọi màn hình giữ hình cuối và nói rõ hình ấy lúc mấy giờ; trang này cũng vậy.',
                en: 'On the server run the kill -9 that ./run demo has printed. Every screen keeps its last picture and says of when it is; so does this page.',
            },
            seen: { css: '.state .dot.off' },
        },
        {
            id: 'back',
            say: {
                vi: 'Máy chủ chạy lại: các màn hình tự nối tiếp, không phải tải lại trang nào.',
                en: 'The server is started again: the screens go on by themselves, no page is reloaded.',
            },
            seen: { css: '.state .dot:not(.off, .old)' },
        },
    ],
};
