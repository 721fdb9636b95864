#pragma once

namespace diaban::tests {

/// Written for tests in the form of the national forecasting centre's bulletins, of what was
/// published of the one of 04h on 2025-09-28 (storm Bualoi). Not the centre's own text.
inline constexpr char bualoi_bulletin[] = R"(TIN BÃO KHẨN CẤP
(CƠN BÃO SỐ 10)
(Soạn cho kiểm thử theo mẫu chính thức)

Hồi 04 giờ ngày 28/9, vị trí tâm bão số 10 (Bualoi) ở vào khoảng 16,2 độ Vĩ Bắc; 110,2 độ Kinh Đông, trên vùng biển phía Tây đặc khu Hoàng Sa, cách thành phố Đà Nẵng khoảng 200km về phía Đông. Sức gió mạnh nhất vùng gần tâm bão mạnh cấp 12 (118-133km/giờ), giật cấp 15. Di chuyển theo hướng Tây Tây Bắc với tốc độ khoảng 30km/h.

Dự báo diễn biến của bão (trong 24 giờ tới):
Thời điểm dự báo	Hướng, tốc độ	Vị trí	Cường độ	Vùng nguy hiểm	Cấp độ rủi ro thiên tai (Khu vực chịu ảnh hưởng)
16h/28/9	Tây Tây Bắc, khoảng 25km/h	17,5N-107,6E; trên vùng biển Nghệ An - Quảng Trị	Cấp 12-13, giật cấp 16	Vĩ tuyến 14,0N-20,0N; phía Tây kinh tuyến 113,0E	Cấp 3: vùng biển phía Tây khu vực Bắc và Giữa Biển Đông (bao gồm đặc khu Hoàng Sa); vùng biển từ Thanh Hóa đến Quảng Ngãi
04h/29/9	Tây Tây Bắc, khoảng 20-25km/h	18,9N-105,2E; trên đất liền Thanh Hóa - Hà Tĩnh	Cấp 9-10, giật cấp 13	Vĩ tuyến 15,0N-20,0N; phía Tây kinh tuyến 112,0E	Cấp 4: đất liền ven biển từ Nghệ An đến Bắc Quảng Trị. Cấp 3: vùng biển phía Tây khu vực Bắc và Giữa Biển Đông; vùng biển từ Thanh Hóa đến Quảng Ngãi

Dự báo tác động của bão:
Trên biển: vùng biển từ Thanh Hóa đến Quảng Ngãi có gió mạnh cấp 8-9, vùng gần tâm bão đi qua cấp 10-13, giật cấp 16.
Trên đất liền: ven biển từ Nghệ An đến Bắc Quảng Trị gió mạnh dần lên cấp 8-9, vùng gần tâm bão cấp 10-12, giật cấp 14.
Bản tin tiếp theo được phát lúc 08h00 ngày 28/9.
)";

} // namespace diaban::tests
