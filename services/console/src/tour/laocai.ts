// Two-way warning: what people see goes to the office, and what the office knows goes out and ends.

import type { Scene } from './scene';

const triage = '.triage';
const station = '.station';
const file = '.file';

export const laocai: Scene = {
    title: { vi: 'Lào Cai: cảnh báo hai chiều', en: 'Lào Cai: two-way warning' },
    steps: [
        {
            id: 'report',
            view: { at: [104.556, 22.1745], zoom: 13 },
            say: {
                vi: 'Mở Phản ánh. Trên điện thoại mở /console/report.html, chọn Đường sá, tả “Sạt lở taluy”, lấy vị trí 22,1745 và 104,556, gửi kèm ảnh: phản ánh hiện ngay trong danh sách.',
                en: 'Open the reports. On a telephone open /console/report.html, choose Roads, say “Sạt lở taluy”, at 22.1745, 104.556, with a photo: it is in the list at once.',
            },
            press: { css: 'nav button', text: 'Phản ánh' },
            seen: { css: `${triage} [role=option]`, text: 'Sạt lở taluy' },
        },
        {
            id: 'routed',
            say: {
                vi: 'Gửi lần nữa từ điện thoại khác: máy đưa ra phản ánh đã có. Ở đây chọn phản ánh: đã giao cho xã Phúc Khánh, hạn một ngày.',
                en: 'Send it again from another telephone: the one that exists is offered. Choose the report here: it went to the commune Phúc Khánh, due within a day.',
            },
            press: { css: `${triage} [role=option]`, text: 'Sạt lở taluy' },
            seen: { css: `${triage} section`, text: 'Ban Chỉ huy Phòng thủ dân sự xã Phúc Khánh' },
        },
        {
            id: 'slide',
            say: {
                vi: 'Bấm Khoanh vùng trên bản đồ và vẽ vết sạt quanh phản ánh: diện tích và khoảng bao nhiêu dân ở đó.',
                en: 'Press Draw an area and draw the slide around the report: its area, and about how many people are there.',
            },
            press: { css: `${triage} .area button` },
            seen: { css: '[data-area-people]:not([data-area-people="0"])' },
        },
        {
            id: 'rain',
            view: { at: [104.5508, 22.1691], zoom: 14 },
            say: {
                vi: 'Đóng Phản ánh, bấm trạm mưa (diễn tập) ở giữa bản đồ và nhập 120 rồi 160 mm: quy tắc từ 100 mm mở đúng một cảnh báo.',
                en: 'Close the reports, press the rain gauge (of an exercise) in the middle of the map and enter 120, then 160 mm: the rule of 100 mm opens one alert.',
            },
            press: { css: `${station} form input` },
            seen: { css: `${station} [data-open-alerts='1']` },
        },
        {
            id: 'update',
            say: {
                vi: 'Bấm cảnh báo, bấm Sửa, đổi Mức nghiêm trọng thành Nghiêm trọng rồi Lưu: thông điệp CAP thứ hai (Update) được phát.',
                en: 'Press the alert, then Edit, make its severity Severe and save: the second CAP message (Update) is out.',
            },
            press: { css: `${station} ul button` },
            seen: { css: `${file} dd`, text: 'Nghiêm trọng' },
        },
        {
            id: 'cancel',
            say: {
                vi: 'Mở chuông Cảnh báo, Kết thúc cảnh báo với lý do “Mưa đã ngớt”: Cancel được phát, cảnh báo rời bản đồ.',
                en: 'Open the bell, end the alert with a reason: Cancel is out, and the alert leaves the map.',
            },
            press: { css: 'header button[data-alerts], [data-alerts]' },
            seen: { css: `${file} dd`, text: 'Đã đóng' },
        },
        {
            id: 'fixed',
            view: { at: [104.556, 22.1745], zoom: 15 },
            say: {
                vi: 'Trở lại Phản ánh, chọn phản ánh sạt lở và bấm phím 5 (Đã khắc phục). Trên điện thoại, người dân chấm 5/5.',
                en: 'Go back to the reports, choose the slide and press 5 (Fixed). On the telephone it is rated 5 of 5.',
            },
            press: { css: 'nav button', text: 'Phản ánh' },
            seen: { css: `${triage} [data-told]`, text: 'Đã khắc phục' },
        },
        {
            id: 'identity',
            say: {
                vi: 'Đóng Phản ánh, bấm dấu phản ánh ở giữa bản đồ: đánh giá 5 có đó; tên và điện thoại người gửi không có ở đâu cho người không có quyền.',
                en: 'Close the reports and press the pin in the middle of the map: the rating of 5 is there; the sender’s name and telephone are nowhere for who has no right to them.',
            },
            seen: { css: `${file} dl > div`, text: 'Đánh giá (1–5)' },
        },
    ],
};
