// The night of 28 September 2025: storm Bualoi, from the bulletin to the replay.

import { bualoi } from './bualoi';
import type { Scene } from './scene';

const storm = '.storm';
const station = '.station';
const room = 'aside .room';

export const hatinh: Scene = {
    title: { vi: 'Hà Tĩnh: đêm 28 tháng 9', en: 'Hà Tĩnh: the night of 28 September' },
    steps: [
        {
            id: 'storm',
            say: { vi: 'Mở Thiên tai, rồi chọn Bão.', en: 'Open the disasters, then choose the storm.' },
            press: { css: 'nav button', text: 'Thiên tai' },
            seen: { css: `${storm} textarea` },
        },
        {
            id: 'read',
            copy: bualoi,
            say: {
                vi: 'Chép bản tin 04 giờ ngày 28/9/2025 (soạn cho diễn tập), dán vào ô và bấm Đọc bản tin. Tâm bão đọc được là 16,2N 110,2E.',
                en: 'Copy the bulletin of 04h on 28 September 2025 (written for practice), paste it and press Read. Its centre is 16.2N 110.2E.',
            },
            press: { css: `${storm} textarea` },
            seen: { css: `${storm} [data-storm=fixes]`, text: '16,2N 110,2E' },
        },
        {
            id: 'confirm',
            say: {
                vi: 'Bản tin cách xa hôm nay, máy hỏi lại: đánh dấu là đúng, rồi bấm Xác nhận bản tin. Rủi ro theo bản tin là cấp 4.',
                en: 'The bulletin is far from today, so you are asked: tick that it is so, and confirm it. Its risk is level 4.',
            },
            press: { css: `${storm} [data-storm=doubts] label` },
            seen: { css: "[data-storm=official] [data-risk='4']" },
        },
        {
            id: 'arrival',
            view: { at: [106.1, 18.1], zoom: 8.2 },
            say: {
                vi: 'Danh sách xếp theo lúc gió cấp 8 tới. Chọn Phường Hoành Sơn, nơi đầu tiên của Hà Tĩnh, gió tới 16:08: các điểm sơ tán ở đó hiện ra.',
                en: 'Communes stand in the order in which winds of level 8 come. Choose Phường Hoành Sơn, the first of Hà Tĩnh, at 16:08: its shelters are listed.',
            },
            press: { css: '[data-storm=impact] .communes button', text: 'Phường Hoành Sơn' },
            seen: { css: '[data-storm=shelters]', text: 'Phường Hoành Sơn' },
        },
        {
            id: 'swath',
            say: {
                vi: 'Dải 40 km dọc đường đi chạm 155 xã, phường, trong đó 68 trong 69 của Hà Tĩnh; cộng các phần lại đúng bằng số dân trong dải.',
                en: 'The swath of 40 km beside the track touches 155 communes, 68 of the 69 of Hà Tĩnh among them; the parts add up to the people in it.',
            },
            seen: { css: "[data-storm=impact] [data-parts='155']" },
        },
        {
            id: 'past',
            say: {
                vi: 'Mở “Bão đã qua trong 50 km”: 59 cơn trong 859 đường đi của JTWC từ năm 1945, nhiều nhất vào tháng 10.',
                en: 'Open “Storms of the past within 50 km”: 59 of 859 tracks of the JTWC since 1945, most of them in October.',
            },
            press: { css: `${storm} details summary` },
            seen: { css: '[data-past]', text: '59' },
        },
        {
            id: 'station',
            view: { at: [105.567, 18.533], zoom: 13 },
            say: {
                vi: 'Bấm trạm Linh Cảm ở giữa bản đồ. Bậc báo động của trạm là 4,5, 5,5 và 6,5 m (trị số của trạm là giả lập).',
                en: 'Press the gauge Linh Cảm in the middle of the map. Its alert levels are 4.5, 5.5 and 6.5 m (its readings are invented).',
            },
            seen: { css: `${station} [data-rung='2']`, text: '5,5 m' },
        },
        {
            id: 'one',
            say: {
                vi: 'Nhập 5,34 rồi bấm Ghi trị số: trạm đọc “BĐ2 − 0.16” và chỉ mở báo động I (lên nhanh hơn 1 m một giờ thì có thêm cảnh báo biến đổi nhanh).',
                en: 'Enter 5.34 and record it: the gauge says “BĐ2 − 0.16” and only alert level I is opened (with one of fast change, where it rose more than 1 m in an hour).',
            },
            press: { css: `${station} form input` },
            seen: { css: `${station}[data-level='1'] ul`, text: 'BĐ2 − 0.16' },
        },
        {
            id: 'three',
            say: {
                vi: 'Nhập 6,60: vẫn cảnh báo ấy, nay là báo động III (BĐ3 + 0.10).',
                en: 'Enter 6.60: the same alert, now of level III (BĐ3 + 0.10).',
            },
            press: { css: `${station} form input` },
            seen: { css: `${station}[data-level='3'] ul`, text: 'BĐ3 + 0.10' },
        },
        {
            id: 'fall',
            say: {
                vi: 'Nhập 4,20: nước xuống dưới báo động I, cảnh báo mực nước tự kết thúc.',
                en: 'Enter 4.20: the water is below level I, and the alert of its level ends by itself.',
            },
            press: { css: `${station} form input` },
            seen: { css: `${station}[data-level='0']`, text: 'BĐ1 − 0.30' },
        },
        {
            id: 'draw',
            view: { at: [105.945, 18.287], zoom: 12 },
            say: {
                vi: 'Mở Thiên tai, phần Ngập lụt, bấm Vẽ chỗ vỡ, chỗ xả và vẽ một đoạn ngắn ở giữa bản đồ: nơi nước xả từ hồ Kẻ Gỗ ra Quốc lộ 1A.',
                en: 'Open the disasters, Flood, press Draw the breach or the outlet, and draw a short line in the middle of the map: where water released from Kẻ Gỗ meets Highway 1A.',
            },
            press: { css: '.flood button[aria-pressed]' },
            seen: { css: '.flood [role=status][data-drawn=true]' },
        },
        {
            id: 'frames',
            say: {
                vi: 'Đặt lưu lượng 1.500 m³/s, kéo dài 1 giờ, rồi bấm Chạy mô phỏng: sáu khung, mỗi khung 10 phút, trên địa hình giả lập.',
                en: 'Set 1,500 m³/s for 1 hour and run it: six frames of ten minutes, on generated terrain.',
            },
            press: { css: '.flood form input' },
            seen: { css: "[data-frames='6']" },
        },
        {
            id: 'cutoff',
            say: {
                vi: 'Khi mô phỏng xong, bấm Tìm nơi bị cô lập: bao nhiêu người, xã nào, và điểm sơ tán gần nhất còn đường tới.',
                en: 'When it is done, press Find what is cut off: how many people, which communes, and the nearest shelter that each can reach.',
            },
            press: { css: '.flood button', text: 'cô lập' },
            seen: { css: '[data-cut-off]:not([data-cut-off="0"])' },
        },
        {
            id: 'event',
            say: {
                vi: 'Mở Sự kiện: bản tin đã mở sự kiện “Bão số 10 (Bualoi)”. Chuyển sang Ứng phó; Báo cáo nhanh (PDF) ở ngay đó.',
                en: 'Open the events: the bulletin has opened “Bão số 10 (Bualoi)”. Go to Response; the situation report (PDF) is there.',
            },
            press: { css: 'nav button', text: 'Sự kiện' },
            seen: { css: `${room} [data-phase=respond]` },
        },
        {
            id: 'replay',
            say: {
                vi: 'Mở Diễn biến và bấm Xem lại từ đầu: bản đồ và phòng điều hành trở về lúc ấy.',
                en: 'Open What happened and press Replay: map and room go back to that moment.',
            },
            press: { css: `${room} summary` },
            seen: { css: `${room} .replayed` },
        },
    ],
};
