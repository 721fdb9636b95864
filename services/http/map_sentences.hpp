#pragma once

#include "services/http/messages.hpp"

namespace diaban::services::http {

/// What is said of pictures of maps.
inline constexpr Sentence map_sentences[] = {
    {"map-image-busy", "Đang vẽ nhiều ảnh bản đồ", "Many pictures under way",
     "Máy chủ đang vẽ các ảnh bản đồ khác. Hãy thử lại sau ít giây.",
     "Other pictures of maps are being drawn. Try again in a few seconds."},
    {"map-image-incomplete", "Ảnh bản đồ thiếu dữ liệu", "The picture lacks data",
     "Chưa vẽ được ảnh vì thiếu: {value}. Hãy thử lại sau ít giây.",
     "The picture was not drawn, since this did not come: {value}. Try again in a few seconds."},
    {"map-image-late", "Vẽ ảnh bản đồ quá lâu", "The picture took too long",
     "Chưa vẽ xong ảnh bản đồ trong 30 giây. Hãy xin vùng nhỏ hơn hoặc ít lớp hơn.",
     "The picture was not drawn within 30 seconds. Ask for a smaller area or fewer layers."},
    {"no-browser", "Chưa vẽ được ảnh bản đồ", "No pictures here",
     "Máy chủ này chưa vẽ được ảnh bản đồ: cần chương trình Chromium (cấu hình browser).",
     "This server cannot draw pictures of maps: it needs Chromium (setting browser)."},
    {"no-socket", "Không mở được socket", "No socket", "Không lắng nghe được tại {value}.",
     "Nothing can listen at {value}."},
};

} // namespace diaban::services::http
