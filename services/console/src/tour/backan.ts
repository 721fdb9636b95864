// Figures survive the merger: a province that is none any more, its communes, and what is counted of them.

import type { Scene } from './scene';

const room = '.indicators';

export const backan: Scene = {
    title: { vi: 'Bắc Kạn: số liệu qua sáp nhập', en: 'Bắc Kạn: figures survive the merger' },
    steps: [
        {
            id: 'search',
            say: {
                vi: 'Gõ “Bac Kan” vào ô tìm kiếm. Không cần gõ dấu.',
                en: 'Type “Bac Kan” into the search field. Marks are not needed.',
            },
            press: { css: 'input[role=combobox]' },
            seen: { css: '#search-results [role=option]', text: 'Tỉnh Bắc Kạn' },
        },
        {
            id: 'place',
            say: {
                vi: 'Chọn “Tỉnh Bắc Kạn”: tỉnh có đến 30/6/2025, mã 06.',
                en: 'Choose “Tỉnh Bắc Kạn”: a province until 30 June 2025, code 06.',
            },
            press: { css: '#search-results [role=option] button', text: 'Tỉnh Bắc Kạn' },
            seen: { css: '#file-title', text: 'Tỉnh Bắc Kạn' },
        },
        {
            id: 'became',
            say: {
                vi: 'Hồ sơ cho biết tỉnh nay thuộc Thái Nguyên, mã 19; 108 xã, phường, thị trấn cũ nằm trong 37 xã, phường mới.',
                en: 'The file says that it is part of Thái Nguyên now, code 19, and that its 108 communes are in 37 new ones.',
            },
            seen: { css: '[data-communes="108/37"]' },
        },
        {
            id: 'room',
            say: {
                vi: 'Mở Chỉ tiêu. Danh mục đơn vị đang là danh mục trước 01/7/2025, 63 tỉnh.',
                en: 'Open the indicators. The list of units is the one before July 2025, with 63 provinces.',
            },
            press: { css: 'nav button', text: 'Chỉ tiêu' },
            seen: { css: `${room} .ranking li` },
        },
        {
            id: 'indicator',
            say: {
                vi: 'Chọn “Hành khách vận chuyển”: một cơ quan, một cột trong biểu mẫu.',
                en: 'Choose the traffic of passengers: one owner, one column of the form.',
            },
            press: { css: `${room} select` },
            seen: { css: `${room} > p.muted`, text: 'Sở Xây dựng' },
        },
        {
            id: 'faults',
            say: {
                vi: 'Tải biểu mẫu, làm sai mười ô (chữ thay số, số âm, mã lạ, đơn vị lạ…) rồi nộp. Mười ô được nêu tên và chưa ghi gì; tải bản đánh dấu lỗi.',
                en: 'Take the form, spoil ten cells (words for numbers, negative ones, unknown codes and units…) and hand it in. Ten cells are named and nothing is stored; take the marked copy.',
            },
            press: { css: `${room} input[type=file]` },
            seen: { css: `${room} [role=alert]`, text: '10' },
        },
        {
            id: 'stored',
            say: {
                vi: 'Sửa ô Bắc Kạn cho đúng rồi nộp lại. Màu trên bản đồ đổi ngay; không ô bản đồ nào phải tải lại.',
                en: 'Correct the figure of Bắc Kạn and hand it in again. The colours of the map change at once; no tile is fetched again.',
            },
            press: { css: `${room} input[type=file]` },
            seen: { css: `${room} section p[role=status]`, text: '1' },
        },
        {
            id: 'census',
            say: {
                vi: 'Chọn “Dân số tổng điều tra”, cấp xã. Cộng các phần, kể cả phần chờ xếp, được 96.208.984 người.',
                en: 'Choose the census population, by commune. The parts, with those that wait, are 96,208,984 people.',
            },
            press: { css: `${room} select` },
            seen: { css: `${room} .totals .all`, text: '96208984' },
        },
        {
            id: 'present',
            say: {
                vi: 'Chuyển sang danh mục từ 01/7/2025. Tổng vẫn là 96.208.984; phần chưa xếp được vào xã mới nằm ở “Chờ xếp”, không mất đi.',
                en: 'Go to the list since July 2025. The total is the same; what cannot be placed in a new commune stands as waiting, it is not lost.',
            },
            press: { css: `${room} fieldset label`, text: '01/7/2025' },
            seen: { css: `${room} .totals`, text: '7567249' },
        },
        {
            id: 'late',
            say: {
                vi: 'Cuối bảng: mỗi cơ quan báo cáo đang quá hạn mấy chỉ tiêu và chưa có số liệu mấy chỉ tiêu.',
                en: 'At the foot: how many indicators each owner is late with, and how many it never reported.',
            },
            seen: { css: `${room} [data-owed]` },
        },
    ],
};
