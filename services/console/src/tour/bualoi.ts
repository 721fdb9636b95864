// A bulletin to practise with, in the form of the national forecasting centre's, of what was published of the one of
// 04h on 28 September 2025 (storm Bualoi). Not the centre's own text.

export const bualoi = `TIN BÃO KHẨN CẤP
(CƠN BÃO SỐ 10)
(Soạn cho diễn tập theo mẫu chính thức)

Hồi 04 giờ ngày 28/9/2025, vị trí tâm bão số 10 (Bualoi) ở vào khoảng 16,2 độ Vĩ Bắc; 110,2 độ Kinh Đông, trên vùng biển phía Tây đặc khu Hoàng Sa, cách thành phố Đà Nẵng khoảng 200km về phía Đông. Sức gió mạnh nhất vùng gần tâm bão mạnh cấp 12 (118-133km/giờ), giật cấp 15. Di chuyển theo hướng Tây Tây Bắc với tốc độ khoảng 30km/h.

Dự báo diễn biến của bão (trong 24 giờ tới):
Thời điểm dự báo\tHướng, tốc độ\tVị trí\tCường độ\tVùng nguy hiểm\tCấp độ rủi ro thiên tai (Khu vực chịu ảnh hưởng)
16h/28/9/2025\tTây Tây Bắc, khoảng 25km/h\t17,5N-107,6E; trên vùng biển Nghệ An - Quảng Trị\tCấp 12-13, giật cấp 16\tVĩ tuyến 14,0N-20,0N; phía Tây kinh tuyến 113,0E\tCấp 3: vùng biển phía Tây khu vực Bắc và Giữa Biển Đông (bao gồm đặc khu Hoàng Sa); vùng biển từ Thanh Hóa đến Quảng Ngãi
04h/29/9/2025\tTây Tây Bắc, khoảng 20-25km/h\t18,9N-105,2E; trên đất liền Thanh Hóa - Hà Tĩnh\tCấp 9-10, giật cấp 13\tVĩ tuyến 15,0N-20,0N; phía Tây kinh tuyến 112,0E\tCấp 4: đất liền ven biển từ Nghệ An đến Bắc Quảng Trị. Cấp 3: vùng biển phía Tây khu vực Bắc và Giữa Biển Đông; vùng biển từ Thanh Hóa đến Quảng Ngãi
`;
